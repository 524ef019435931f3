"""`hookmeter run`: the exporter and the server in parallel."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Sequence

import click

from chatserver.cli.arguments import RecordingCommand, arguments_for
from chatserver.cli.serve import server
from chatserver.options import server_options
from chatserver.process.supervisor import Program, supervise
from chatserver.settings import ServerSettings
from exporter.commands.options import demo_option
from exporter.commands.serve import exporter
from exporter.model.money import dollars

TRANSCRIPTS = "transcripts_dirs"
OF_DATABASE = re.compile(r"HOOKMETER_DATABASE_URL$|PG[A-Z]")  # may have a password, and the exporter has no database
# What is said instead of these parameters: the demo's own directories, budgets, database and Claude Code.
REPLACED_BY_DEMO = (
    "sessions_dirs", TRANSCRIPTS, "data_dir", "daily_budget", "monthly_budget", "demo", "claude", "workspace",
    "database_url", "task_user",
)  # fmt: skip

Replaced = tuple[Sequence[str], Sequence[object]]  # the parameters that are left out, and what is said instead


@click.command(cls=RecordingCommand)
@server_options
@demo_option
def run(settings: ServerSettings, demo: bool) -> None:
    """Run everything: the exporter and the server, as two independent processes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # exit cleanly, also before anything runs
    if not demo:
        sys.exit(supervise(_programs(settings, _of_task_user(settings)), settings.environment))
    from chatserver.demo.start import demo_settings, prepare_demo  # noqa: PLC0415 - take memory as long as it runs
    from exporter.demo.sample import demo_directories  # noqa: PLC0415 - likewise

    with demo_directories() as directories:
        own = demo_settings(settings, directories)
        prepare_demo(own, directories)
        sys.exit(supervise(_programs(own, _of_demo(own), _of_demo_server(own)), settings.environment))


def _programs(settings: ServerSettings, replaced: Replaced, of_server: Sequence[object] = ()) -> tuple[Program, ...]:
    console = (sys.executable, "-P", "-m", "chatserver")
    left_out, said = replaced
    return tuple(
        Program(name, (*console, name, *arguments_for(command, left_out), *map(str, (*said, *also))), key, without)
        for name, command, also, key, without in (
            ("exporter", exporter, (), None, OF_DATABASE),
            ("server", server, of_server, settings.secret_key, None),
        )
    )


def _of_demo(settings: ServerSettings) -> Replaced:
    own, budgets = settings.exporter, settings.exporter.budgets
    said = ["--sessions-dir", own.sessions_dirs[0], "--transcripts-dir", own.transcript_roots[0]]
    said += ["--data-dir", own.data_dir]
    said += ["--daily-budget-usd", dollars(budgets.day or 0), "--monthly-budget-usd", dollars(budgets.month or 0)]
    return REPLACED_BY_DEMO, said


def _of_demo_server(settings: ServerSettings) -> Sequence[object]:
    tasks = settings.tasks
    return ("--claude", tasks.claude, "--workspace", tasks.workspaces[0], "--database-url", settings.database_url)


def _of_task_user(settings: ServerSettings) -> Replaced:
    """With a user for tasks, all directories of transcripts, that user's included."""
    if settings.tasks.user is None:
        return (), ()
    return (TRANSCRIPTS,), [word for root in settings.exporter.transcript_roots for word in ("--transcripts-dir", root)]
