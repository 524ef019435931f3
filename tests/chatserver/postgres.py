"""A PostgreSQL of Debian's, for the tests alone: on a socket in a directory of its own, ended by its own process."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_USER = "postgres"  # it refuses to run as root


def programs() -> Path | None:
    """The directory of PostgreSQL's programs, of the newest version; None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


@contextmanager
def postgres(bin_directory: Path) -> Iterator[str]:
    """A running server, for as long as the context: the directory of its socket."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        as_server = (
            () if os.geteuid() else ("setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups")
        )
        if as_server:
            shutil.chown(directory, SERVER_USER, SERVER_USER)
        data = f"{directory}/data"

        def run(program: str, *words: str) -> None:
            subprocess.run(
                [*as_server, bin_directory / program, "-D", data, *words], check=True, cwd=directory, stdout=log
            )

        options = f"-k {directory} -c listen_addresses= -c fsync=off -c max_connections=200"
        with Path(directory, "log").open("w") as log:
            run("initdb", "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C.UTF-8", "-N")
            run("pg_ctl", "-w", "-o", options, "start")
            try:
                yield directory
            finally:
                run("pg_ctl", "-w", "-m", "immediate", "stop")
