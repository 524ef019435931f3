"""A PostgreSQL of Debian's, for the tests alone: on a socket in a folder of its own, ended by its own process."""

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
    """The folder of PostgreSQL's programs, of the newest version; None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


@contextmanager
def postgres(bin_folder: Path) -> Iterator[str]:
    """A running server, for as long as the context: the folder of its socket."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        as_server = (
            () if os.geteuid() else ("setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups")
        )
        if as_server:
            shutil.chown(folder, SERVER_USER, SERVER_USER)
        data = f"{folder}/data"

        def run(program: str, *words: str) -> None:
            subprocess.run([*as_server, bin_folder / program, "-D", data, *words], check=True, cwd=folder, stdout=log)

        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=200"
        with Path(folder, "log").open("w") as log:
            run("initdb", "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C.UTF-8", "-N")
            run("pg_ctl", "-w", "-o", options, "start")
            try:
                yield folder
            finally:
                run("pg_ctl", "-w", "-m", "immediate", "stop")
