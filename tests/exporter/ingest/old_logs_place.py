"""Hook logs of long ago, and what ledgers count of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exporter.counting.totals import Totals
from exporter.ingest.meter import Meter
from exporter.ingest.old_logs import OldLogs, Result
from exporter.ledger.opening import open_ledger
from tests.exporter.ledger.busy_agents import BusyAgents

KEEP_SECONDS = 30 * 86_400
LONG_AGO = datetime.now(UTC) - timedelta(days=40)


class OldPlace:
    """A directory with logs that nobody has written to for long, and with a ledger that has counted them."""

    def __init__(self, directory: Path, *, lines: int = 400, seed: int = 5) -> None:
        self.directory = directory
        self.agents = BusyAgents(self.logs, seed, LONG_AGO)
        for _ in range(lines):
            self.agents.step()
        self.agents.settle()
        self.age()

    @property
    def logs(self) -> Path:
        return self.directory / "sessions"

    def save(self, directory: Path) -> None:
        """Keep a copy of everything as it is."""
        shutil.copytree(self.directory, directory)

    def restore(self, directory: Path) -> None:
        """Have everything as it was, in other inodes."""
        shutil.rmtree(self.directory)
        shutil.copytree(directory, self.directory)

    def age(self) -> None:
        """Have all files been written long ago."""
        for path in self.files("*"):
            os.utime(path, (LONG_AGO.timestamp(),) * 2)

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.logs.glob(f"*/{pattern}"))

    @contextmanager
    def meter(self, data: str = "data") -> Iterator[Meter]:
        with open_ledger(self.directory / data, 200) as ledger:
            yield Meter([str(self.logs)], ledger)

    def totals(self, data: str = "data") -> Totals:
        """What a ledger has after it has read all there is."""
        with self.meter(data) as meter:
            meter.catch_up()
            return meter.ledger.state.totals

    def keep(self, passes: int = 2, settle_seconds: float = 0) -> list[Result]:
        """Handle all old logs as the exporter does, some times."""
        with self.meter() as meter:
            meter.catch_up()
            old_logs = OldLogs(lambda: lent(meter), KEEP_SECONDS, settle_seconds)
            return [result for _ in range(passes) for result in old_logs.handle_all()]


@contextmanager
def lent(meter: Meter) -> Iterator[Meter]:
    yield meter
