"""`hookmeter server`: settings and address are checked before gunicorn starts, so that errors are one line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

import click

from chatserver.accounts.key_handover import leave_key
from chatserver.accounts.secret_key import signing_key
from chatserver.cli.arguments import RecordingCommand, current_arguments
from chatserver.options import CLAUDE, server_options
from chatserver.settings import ServerSettings, TaskSettings
from exporter.terminal.messages import say, warn
from exporter.web.listen import bound_address, open_listener


@click.command(cls=RecordingCommand)
@server_options
def server(settings: ServerSettings) -> None:
    """Serve tasks, chat and live metrics; in production with HOOKMETER_ENV=production."""
    from chatserver.storage.database import DatabaseError, open_database  # noqa: PLC0415 - memory that `run` saves
    from chatserver.tasks.isolation import check_isolation  # noqa: PLC0415 - likewise

    key = signing_key(settings)  # raises SecretKeyError
    try:
        with open_database(settings.database_url):
            pass
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    check_isolation(settings)
    for warning in _missing(settings.tasks):
        warn(warning)
    listener = open_listener(settings.listen)
    say(f"hookmeter serves http://{bound_address(listener)}/")
    listener.set_inheritable(True)
    leave_key(key)
    module = "chatserver.process.gunicorn_app"
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, str(listener.fileno()), *current_arguments()])  # noqa: S606


def _missing(tasks: TaskSettings) -> Iterator[str]:
    """What the settings of tasks name that is not there: no error, because it may be mounted or installed later."""
    for workspace in tasks.workspaces:
        if not workspace.is_dir():
            yield f"{workspace} is not a directory: no task can work there; create it, or change --workspace."
    if tasks.claude != CLAUDE and shutil.which(tasks.claude) is None:
        yield f"{tasks.claude} is not a program: no task can run; install Claude Code, or change --claude."
