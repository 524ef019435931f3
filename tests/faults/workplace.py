"""Busy agents and a busy model, the exporter that meters them, and the independent count of what they have done."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.processes import wait_for
from tests.exporter.ledger.busy_agents import BusyAgents
from tests.exporter.ledger.busy_model import BusyModel
from tests.exporter.ledger.test_exactly_once import counted
from tests.support.page import Key, Samples, differences, fetch, samples_of

Words = Sequence[str | Path]
PROGRAM = (sys.executable, "-m", "exporter")


@dataclass
class Metered:
    """An exporter in a process of its own, which is killed with its context; no counter of its pages decreases."""

    process: subprocess.Popen[bytes]
    url: str
    _last: Samples = field(default_factory=dict)

    def page(self) -> Samples:
        """All samples of the current page; none while there is no page."""
        try:
            page = samples_of(fetch(f"{self.url}/metrics", timeout=90))
        except (urllib.error.URLError, ConnectionError):
            return {}
        now = counted(page)
        decreased = {key: (value, now.get(key, 0)) for key, value in self._last.items() if now.get(key, 0) < value}
        assert decreased == {}
        self._last = now
        return page

    def value(self, name: str) -> float:
        """The sum of a metric's samples; 0 while there is no page."""
        return sum(value for (sample, _), value in self.page().items() if sample == name)

    def unready(self) -> str:
        """Why it is not ready; empty if it is."""
        try:
            fetch(f"{self.url}/-/ready")
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()
        return ""


class Workplace:
    """A directory with logs, transcripts and a ledger."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.data = directory / "data"
        self.log = directory / "exporter.log"
        self.agents = BusyAgents(directory / "sessions", seed)
        self.model = BusyModel(directory / "projects", seed)
        self._directory = directory

    def write(self, steps: int) -> None:
        """Write random lines."""
        for _ in range(steps):
            self.agents.step()
            self.model.step()

    def wait_until_exact(self, metered: Metered, leave_out: Callable[[Key], bool] = lambda _: False) -> None:
        """End all that is open, and wait until every total, but some, is that of the independent count."""
        self.agents.settle()
        self.model.settle()
        expected = Counter(self.agents.expected())
        expected.update(self.model.expected())

        def wrong() -> dict[Key, tuple[float | None, float | None]]:
            page = counted(metered.page())
            return {key: pair for key, pair in differences(page, dict(expected)).items() if not leave_out(key)}

        try:
            wait_for(lambda: not wrong(), "exact totals")
        except AssertionError as error:
            raise AssertionError(f"(page, truth): {wrong()}") from error

    @contextmanager
    def metered(self, *, through: Words = (), program: Words = PROGRAM) -> Iterator[Metered]:
        """A running exporter, which may not be ready; `through` is a command that runs others."""
        self.agents.directory.mkdir(exist_ok=True)
        command = [str(word) for word in (*through, *program, *self._options())]
        with (
            self.log.open("a") as log,
            subprocess.Popen(command, env=self._environment(), stdout=subprocess.PIPE, stderr=log) as process,
        ):
            assert process.stdout
            try:
                address = process.stdout.readline().split()[-1:]
                assert address, self.log.read_text()
                yield Metered(process, address[0].decode().removesuffix("/metrics"))
            finally:
                process.kill()

    def _options(self) -> Words:
        return (
            "exporter", "--metrics-listen", "127.0.0.1:0", "--sessions-dir", self.agents.directory, "--data-dir",
            self.data, "--transcripts-dir", self._directory / "projects", "--managed-settings", "/nowhere",
        )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOOKMETER_", "CLAUDE_"))}
        return {**kept, "HOME": str(self._directory)}
