"""A running exporter with simulated agents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exporter.serving.run import exporter
from exporter.serving.service import Service
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.support.page import Samples, differences, fetch, samples_of


@dataclass
class Served:
    """A running exporter, and the simulated agents whose logs it reads."""

    url: str
    service: Service
    agents: BusyAgents
    data: Path

    @property
    def logs(self) -> Path:
        return self.data.parent / "sessions"

    def value(self, name: str) -> float:
        """The sum of all samples with a name."""
        return sum(value for (found, _), value in self.page().items() if found == name)

    def trouble(self, lag: float = 0, errors: float = 0) -> tuple[float, float] | None:
        """The lag and the number of write errors on the page, if both are larger than these."""
        found = self.value("hookmeter_read_lag_seconds"), self.value("hookmeter_ledger_write_errors_total")
        return found if found[0] > lag and found[1] > errors else None

    def page(self) -> Samples:
        return samples_of(fetch(f"{self.url}/metrics"))

    def is_exact(self) -> bool:
        expected = self.agents.expected()
        return differences({key: value for key, value in self.page().items() if key in expected}, expected) == {}


@contextmanager
def serving(directory: Path) -> Iterator[Served]:
    settings = Settings((directory / "sessions",), directory / "data", ListenAddress("127.0.0.1", 0), None, 200)
    agents = BusyAgents(directory / "sessions", seed=1, start=datetime.now(UTC))
    with exporter(settings) as (server, service):
        thread = server.start_in_thread()
        yield Served(f"http://{server.address}", service, agents, directory / "data")
        server.stop()
        thread.join()
