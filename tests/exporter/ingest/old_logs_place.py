"""Hook logs of long ago, and what ledgers count of them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from exporter.counting.totals import Totals
from exporter.ingest.meter import Meter
from exporter.ingest.old_logs import OldLogs, Result
from exporter.ledger.opening import open_ledger
from tests.exporter.ledger.busy_agents import BusyAgents

CHANGES_FILES = {"os.rename", "os.remove", "os.utime", "os.chmod", "open", "sqlite3.connect"}
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

    def keep(self, passes: int = 2, settle_seconds: float = 0, *, prune: bool = False) -> list[Result]:
        """Handle all old logs as the exporter does, some times."""
        with self.meter() as meter:
            meter.catch_up()
            old_logs = OldLogs(lambda: lent(meter), KEEP_SECONDS, settle_seconds, prune=prune)
            return [result for _ in range(passes) for result in old_logs.handle_all()]


def kill_at(number: int) -> None:
    """Have this process killed when it is about to change a file, or opens one, for the nth time."""
    numbers = count()

    def hook(name: str, _arguments: object) -> None:
        if name in CHANGES_FILES and next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def killed(place: OldPlace, number: int, *, prune: bool = False) -> bool:
    """Whether a process that handles old logs was killed at a moment of its work before it was done."""
    child = os.fork()
    if child == 0:
        kill_at(number)
        place.keep(prune=prune)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@contextmanager
def lent(meter: Meter) -> Iterator[Meter]:
    yield meter
