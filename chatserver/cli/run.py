"""`hookmeter run`: the exporter and the server in parallel."""

from __future__ import annotations

import signal
import sys

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

REPLACED_BY_DEMO = ("sessions_dirs", "transcripts_dirs", "data_dir", "demo")


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
    console, left_out = (sys.executable, "-P", "-m", "chatserver"), REPLACED_BY_DEMO if demo else ()
    directories = (
        ("--sessions-dir", demo.sessions, "--transcripts-dir", demo.transcripts, "--data-dir", demo.data)
        if demo
        else ()
    )
    return tuple(
        Program(name, (*console, name, *arguments_for(command, left_out), *map(str, directories)), key)
        for name, command, key in (("exporter", exporter, None), ("server", server, settings.secret_key))
    )
