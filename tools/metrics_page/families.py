"""All metrics of the exporter and the server, collected from instances of both that have no data."""

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
from exporter.web.listen_address import ListenAddress

ANYWHERE = ListenAddress("127.0.0.1", 0)


class MetricConflictError(UserError):
    """The exporter and the server have different metrics of the same name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has a different type, HELP or labels on the exporter and on the server; make them equal."
        )


@dataclass(frozen=True, slots=True)
class Family:
    """A metric by the name used in queries, with the (label, value) pairs that it exports without data."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    initial: frozenset[tuple[str, str]]


def families() -> dict[str, Family]:
    """All metrics by name. Raises MetricConflictError."""
    with TemporaryDirectory() as directory:
        return by_name(map(family_of, [*_of_exporter(Path(directory)), *_of_server(Path(directory))]))


def by_name(found: Iterable[Family]) -> dict[str, Family]:
    """Families by name; one that both processes export is merged. Raises MetricConflictError."""
    known: dict[str, Family] = {}
    for one in found:
        other = known.setdefault(one.name, one)
        if (other.kind, other.help, other.labels) != (one.kind, one.help, one.labels):
            raise MetricConflictError(one.name)
        known[one.name] = Family(one.name, one.kind, one.help, one.labels, other.initial | one.initial)
    return known


def family_of(metric: Metric) -> Family:
    """The family of a collected metric."""
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    labels = getattr(metric, "_labelnames", ())  # set also if there are no samples
    initial = frozenset((label, value) for sample in metric.samples for label, value in sample.labels.items())
    return Family(name, metric.type, metric.documentation, tuple(labels), initial)


def _of_exporter(directory: Path) -> Iterator[Metric]:
    with open_ledger(directory, 200) as ledger:
        yield from IsolatedCollectors(Meter([], ledger), COLLECTORS).collect()


def _of_server(directory: Path) -> Iterator[Metric]:
    settings = ServerSettings(
        exporter=Settings((directory / "logs",), directory, ANYWHERE, None, 200),
        listen=ANYWHERE,
        database_url=f"sqlite:///{directory / 'server.sqlite3'}",
        secret_key=b"unused, nobody logs in",
        tasks=TaskSettings("claude", (directory,)),
    )
    with closing(open_services(settings)) as services:
        yield from services.metrics.collect()
