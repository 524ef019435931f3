"""Every metric that the exporter and the server have, asked of themselves: with nothing read, and nobody served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client.metrics_core import Metric

from chatserver.services import open_services
from chatserver.settings import ServerSettings, TaskSettings
from exporter.collectors import COLLECTORS
from exporter.collectors.isolated import IsolatedCollectors
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.errors import UserError
from exporter.settings import Settings
from exporter.web.listen import ListenAddress

ANYWHERE = ListenAddress("127.0.0.1", 0)


class TwoMeaningsError(UserError):
    """The exporter and the server have a metric of one name, and mean two things by it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has one type, help or labels at the exporter and others at the server: give it one.")


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as people ask for it, and which values of which label it shows from the start."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    shown: frozenset[tuple[str, str]]


def families() -> dict[str, Family]:
    """Every metric by its name. Raises TwoMeaningsError."""
    with TemporaryDirectory() as folder:
        return by_name(map(family_of, [*_of_exporter(Path(folder)), *_of_server(Path(folder))]))


def by_name(found: Iterable[Family]) -> dict[str, Family]:
    """The same by name; what is on both pages is one. Raises TwoMeaningsError."""
    known: dict[str, Family] = {}
    for one in found:
        other = known.setdefault(one.name, one)
        if (other.kind, other.help, other.labels) != (one.kind, one.help, one.labels):
            raise TwoMeaningsError(one.name)
        known[one.name] = Family(one.name, one.kind, one.help, one.labels, other.shown | one.shown)
    return known


def family_of(metric: Metric) -> Family:
    """What there is to know of a metric."""
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    labels = getattr(metric, "_labelnames", ())  # where a family that has no series yet keeps them
    shown = frozenset((label, value) for sample in metric.samples for label, value in sample.labels.items())
    return Family(name, metric.type, metric.documentation, tuple(labels), shown)


def _of_exporter(folder: Path) -> Iterator[Metric]:
    with open_ledger(folder, 200) as ledger:
        yield from IsolatedCollectors(Meter([], ledger), COLLECTORS).collect()


def _of_server(folder: Path) -> Iterator[Metric]:
    settings = ServerSettings(
        exporter=Settings((folder / "logs",), folder, ANYWHERE, None, 200),
        listen=ANYWHERE,
        database_url=f"sqlite:///{folder / 'server.sqlite3'}",
        secret_key=b"of nobody who will ever log in here",
        tasks=TaskSettings("claude", (folder,)),
    )
    with closing(open_services(settings)) as services:
        yield from services.metrics.collect()
