"""A PostgreSQL of Debian's, for the tests alone: on a socket in a directory of its own, ended by its own process."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_USER = "postgres"  # it refuses to run as root


def programs() -> Path | None:
    """The directory of PostgreSQL's programs, of the newest version; None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


@dataclass(frozen=True)
class Postgres:
    """A server with its data and its socket in one directory."""

    programs: Path
    directory: str

    def start(self) -> None:
        options = f"-k {self.directory} -c listen_addresses= -c fsync=off -c max_connections=200"
        self.run("pg_ctl", "-w", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def run(self, program: str, *words: str) -> None:
        as_server = (
            () if os.geteuid() else ("setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups")
        )
        with Path(self.directory, "log").open("a") as log:
            subprocess.run(
                [*as_server, self.programs / program, "-D", f"{self.directory}/data", *words],
                check=True, cwd=self.directory, stdout=log,
            )  # fmt: skip


@contextmanager
def running_postgres(bin_directory: Path) -> Iterator[Postgres]:
    """A running server, for as long as the context, that can be stopped and started in between."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        if not os.geteuid():
            shutil.chown(directory, SERVER_USER, SERVER_USER)
        server = Postgres(bin_directory, directory)
        server.run("initdb", "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgres(bin_directory: Path) -> Iterator[str]:
    """A running server, for as long as the context: the directory of its socket."""
    with running_postgres(bin_directory) as server:
        yield server.directory
