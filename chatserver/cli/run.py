"""`hookmeter run`: the exporter and the server in parallel."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from chatserver.cli.arguments import RecordingCommand, arguments_for
from chatserver.cli.serve import server
from chatserver.options import server_options
from chatserver.process.supervisor import Program, supervise
from chatserver.settings import ServerSettings
from exporter.commands.options import demo_option
from exporter.commands.serve import exporter
from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import demo_directories

TRANSCRIPTS = "transcripts_dirs"
OF_DATABASE = re.compile(r"HOOKMETER_DATABASE_URL$|PG[A-Z]")  # may have a password, and the exporter has no database
REPLACED_BY_DEMO = ("sessions_dirs", TRANSCRIPTS, "data_dir", "demo")

Replaced = tuple[Sequence[str], Sequence[str | Path]]  # the parameters that are left out, and what is said instead


@click.command(cls=RecordingCommand, short_help="Run everything: the exporter and the server.")
@server_options
@demo_option
def run(settings: ServerSettings, demo: bool) -> None:
    """Run everything: the exporter and the server, as two independent processes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # exit cleanly, also before anything runs
    if not demo:
        sys.exit(supervise(_programs(settings), settings.environment))
    with demo_directories() as demo_dirs:
        sys.exit(supervise(_programs(settings, demo_dirs), settings.environment))


def _programs(settings: ServerSettings, demo: DemoDirectories | None = None) -> tuple[Program, ...]:
    console = (sys.executable, "-P", "-m", "chatserver")
    left_out, directories = _of_demo(demo) if demo else _of_task_user(settings)
    return tuple(
        Program(name, (*console, name, *arguments_for(command, left_out), *map(str, directories)), key, without)
        for name, command, key, without in (
            ("exporter", exporter, None, OF_DATABASE),
            ("server", server, settings.secret_key, None),
        )
    )


def _of_demo(demo: DemoDirectories) -> Replaced:
    directories = ("--sessions-dir", demo.sessions, "--transcripts-dir", demo.transcripts, "--data-dir", demo.data)
    return REPLACED_BY_DEMO, directories


def _of_task_user(settings: ServerSettings) -> Replaced:
    """With a user for tasks, all directories of transcripts, that user's included."""
    if settings.tasks.user is None:
        return (), ()
    return (TRANSCRIPTS,), [word for root in settings.exporter.transcript_roots for word in ("--transcripts-dir", root)]
