"""The command in real processes, each with its own home directory, which are ended by their process ids."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

HOOKMETER = Path(sys.executable).with_name("hookmeter")
TIMEOUT_SECONDS = 30.0
FOREIGN = ("HOOKMETER_", "CLAUDE_", "XDG_")  # variables of the account that runs the tests
CAUGHT_UP = "all existing logs are counted"


@dataclass(frozen=True)
class Home:
    """The home directory of a user, in which commands run."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Path:
        return self.path / ".claude" / "settings.json"

    @property
    def sessions(self) -> Path:
        return self.path / ".local" / "state" / "hookmeter" / "sessions"

    @property
    def data(self) -> Path:
        return self.path / ".local" / "share" / "hookmeter"

    @property
    def config(self) -> Path:
        return self.path / ".config" / "hookmeter" / "config.toml"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        managed = str(self.path / "managed-settings.json")  # not this machine's
        own = {"HOME": str(self.path), "TZ": "UTC", "HOOKMETER_MANAGED_SETTINGS": managed}
        return {**kept, **own, **self.variables}

    def with_variables(self, **variables: str) -> Home:
        """The same home, with environment variables."""
        return Home(self.path, {**self.variables, **variables})

    def run(self, *words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HOOKMETER, *words], cwd=cwd or self.path, env=self.environment(), capture_output=True, text=True,
            timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip

    def refused(self, *words: str | Path) -> str:
        """The one line of an error of a command that exits with 2."""
        result = self.run(*words)
        assert (result.returncode, result.stdout) == (2, ""), result
        (line,) = result.stderr.splitlines()
        assert line.startswith("hookmeter: ")
        return line

    @contextmanager
    def starting(self, *words: str | Path, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
        """A running process, which is killed at the end if it is still running."""
        process = subprocess.Popen(
            [HOOKMETER, *words], cwd=cwd or self.path, env=self.environment(), text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    @contextmanager
    def exporting(self, *words: str | Path, command: str = "exporter", cwd: Path | None = None) -> Iterator[Exporter]:
        """An exporter that has counted everything."""
        with self.starting(command, *words, "--metrics-listen", "127.0.0.1:0", cwd=cwd) as process:
            lines = list(lines_until(process.stdout, CAUGHT_UP))
            # `run` also prints the address of the server.
            (line,) = (line for line in lines if line.endswith("/metrics"))
            yield Exporter(process, line.split()[-1].removesuffix("/metrics"), tuple(lines))


@dataclass(frozen=True)
class Exporter:
    process: subprocess.Popen[str]
    url: str
    output: tuple[str, ...]

    @property
    def address(self) -> str:
        return self.url.partition("//")[2]


def lines_until(stream: IO[str] | None, words: str) -> Iterator[str]:
    """The output of a process up to the line with these words."""
    assert stream
    for line in stream:
        yield line.rstrip("\n")
        if words in line:
            return
    raise AssertionError(f"the process ended without printing: {words}")
