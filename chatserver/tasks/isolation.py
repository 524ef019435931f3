"""Whether another account isolates tasks from the server: tried by a program of that account, before any task runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import make_url

import chatserver
from chatserver.accounts import secret_key
from chatserver.settings import ServerSettings
from chatserver.task_user import TaskUser, TaskUserError
from exporter.model.errors import cause_of

# Reports the paths with another access than their first letter asks for: none to read, none to write, none to exchange
# what is in it, or some to execute. Owners may give themselves any access. In a sticky directory, only the owner of a
# file exchanges it.
PROBE = r"""
for argument do
  path=${argument#?}
  case $argument in
    r*) [ ! -r "$path" ] && [ ! -O "$path" ] ;;
    w*) [ ! -w "$path" ] && [ ! -O "$path" ] ;;
    d*) [ ! -O "$path" ] && { [ ! -w "$path" ] || [ -k "$path" ]; } ;;
    x*) [ -x "$path" ] ;;
  esac || printf '%s\0' "$argument"
done
"""
PROBLEMS = {
    "r": "it could read {path}; make that accessible to the server's user only (chmod 600)",
    "w": "it could change {path}, which the server relies on; make that writable for other users only",
    "d": "it could exchange what is in {path}, which the server relies on; make that writable for other users only",
    "x": "it cannot use {path}; give it access to that and to all directories above",
}
PRIVILEGES = "start the server as root, or with the capabilities of provisioning/systemd/hookmeter-server@.service"
TIMEOUT_SECONDS = 30


def check_isolation(settings: ServerSettings) -> None:
    """Check that tasks can run as the account of the settings, if any, but not reach the key or the database.

    Raises TaskUserError.
    """
    user = settings.tasks.user
    if user is None:
        return
    arguments = [
        *(f"r{path}" for path in _secrets(settings)),
        *(f"w{path}" for path in _resolved(_relied_on(settings))),
        *(f"d{path}" for path in _parents(_resolved(_relied_on(settings)))),
        *(f"x{path}" for path in (Path(settings.tasks.claude), *settings.tasks.workspaces) if path.exists()),
    ]
    if found := _run_probe(user, arguments):
        problem = PROBLEMS[found[0][0]].format(path=found[0][1:])
        raise TaskUserError(f"--task-user {user.name}: {problem}.")


def _secrets(settings: ServerSettings) -> Iterator[Path]:
    yield settings.exporter.data_dir / secret_key.FILE_NAME
    if settings.secret_key_file is not None:
        yield settings.secret_key_file
    yield from _database(settings)


def _relied_on(settings: ServerSettings) -> Iterator[Path]:
    """The files and directories whose change would change what the server does."""
    yield from (settings.exporter.data_dir, Path(sys.executable), Path(sys.prefix), Path(sys.base_prefix))
    yield from map(Path, chatserver.__path__)
    for file in _database(settings):
        yield from (file, file.parent)  # beside it, SQLite reads files of changes that it has not finished


def _database(settings: ServerSettings) -> Iterator[Path]:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield Path(url.database)


def _resolved(paths: Iterable[Path]) -> list[Path]:
    """The paths with and without links resolved."""
    return list(dict.fromkeys(each for path in paths for each in (path.absolute(), path.resolve())))


def _parents(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(parent for path in paths for parent in path.parents))


def _run_probe(user: TaskUser, arguments: list[str]) -> list[str]:
    command = [*user.prefix, "/bin/sh", "-c", PROBE, "sh", *arguments]
    try:
        done = subprocess.run(  # with none of the server's secrets in its environment
            command, cwd="/", env={}, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise TaskUserError(f"--task-user {user.name} cannot be tried ({cause_of(error)}); {PRIVILEGES}.") from error
    if done.returncode:
        raise TaskUserError(f"--task-user {user.name}: {' '.join(done.stderr.split())}; {PRIVILEGES}.")
    return done.stdout.split("\0")[:-1]
