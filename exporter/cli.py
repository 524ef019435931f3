"""The command `hookmeter`: each command reads its settings and calls the one function that does the work."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from exporter import tables
from exporter.backfill import History, openmetrics
from exporter.collectors.build import VERSION
from exporter.demo import go_on, make_history
from exporter.doctor import examine
from exporter.hooks import installer
from exporter.hooks.settings_file import SettingsError, settings_path
from exporter.hooks_reader import HooksReader
from exporter.ledger.opening import LedgerError
from exporter.meter import now_us
from exporter.run import run_exporter, say
from exporter.settings import DEFAULT_DATA_DIR, DEFAULT_LABEL_VALUES, DEFAULT_LISTEN, DEFAULT_SESSIONS_DIRS, Settings
from exporter.sources.log_folders import absolute, session_folders
from exporter.web.listen import CannotListenError, ListenAddress, ListenAddressError, parse_listen
from exporter.web.web_config_format import WebConfigError

EXPECTED = (CannotListenError, LedgerError, ListenAddressError, SettingsError, WebConfigError)
HEAD_BLOCK_US = 3 * 3600 * 1_000_000


class Listen(click.ParamType[ListenAddress]):
    """An address such as 127.0.0.1:19464."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """Read it, or say what is wrong with it."""
        try:
            return value if isinstance(value, ListenAddress) else parse_listen(value)
        except ListenAddressError as error:
            self.fail(str(error), param, ctx)


sessions_dir_option = click.option(
    "--sessions-dir",
    "sessions_dirs",
    multiple=True,
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_SESSIONS_DIR",
    default=DEFAULT_SESSIONS_DIRS,
    show_default=True,
    show_envvar=True,
    help="A folder of session folders with hook logs; repeat it for more (in the variable: separated as in PATH).",
)
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_DATA_DIR",
    default=DEFAULT_DATA_DIR,
    show_default=True,
    show_envvar=True,
    help="Where the ledger is kept: what has been counted, and up to where.",
)
listen_option = click.option(
    "--metrics-listen",
    "listen",
    type=Listen(),
    envvar="HOOKMETER_METRICS_LISTEN",
    default=DEFAULT_LISTEN,
    show_default=True,
    show_envvar=True,
    help="The address that /metrics is served on.",
)
web_config_option = click.option(
    "--web.config.file",
    "web_config",
    type=click.Path(path_type=Path),
    envvar="HOOKMETER_WEB_CONFIG_FILE",
    show_envvar=True,
    help="TLS and basic auth, in the format that all Prometheus exporters share.",
)
label_values_option = click.option(
    "--label-values",
    type=click.IntRange(min=1),
    envvar="HOOKMETER_LABEL_VALUES",
    default=DEFAULT_LABEL_VALUES,
    show_default=True,
    show_envvar=True,
    help="How many values a label from the logs may take; the rest count as `other`.",
)


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the exporter, given to the command as one Settings."""

    @wraps(command)
    def with_settings(
        sessions_dirs: tuple[Path, ...],
        data_dir: Path,
        listen: ListenAddress,
        web_config: Path | None,
        label_values: int,
        **others: Any,
    ) -> None:
        command(Settings(sessions_dirs, data_dir, listen, web_config, label_values), **others)

    decorated: Callable[..., None] = with_settings
    for option in (label_values_option, web_config_option, listen_option, data_dir_option, sessions_dir_option):
        decorated = option(decorated)
    return decorated


demo_option = click.option("--demo", is_flag=True, help="Run on a made sample in a throw-away folder, to look around.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="hookmeter")
def cli() -> None:
    """The meter for Claude Code agents: hook logs in, exact Prometheus metrics out."""


@cli.command()
@settings_options
@demo_option
def exporter(settings: Settings, demo: bool) -> None:
    """Read the hook logs and serve the metrics."""
    _run(settings, demo=demo)


@cli.command()
@settings_options
@demo_option
def run(settings: Settings, demo: bool) -> None:
    """Run everything: the exporter."""
    _run(settings, demo=demo)


def _run(settings: Settings, *, demo: bool) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
    if not demo:
        run_exporter(settings)
        return
    with tempfile.TemporaryDirectory(prefix="hookmeter-demo-") as folder:
        sessions, stopping = Path(folder) / "sessions", threading.Event()
        make_history(sessions, now_us())
        threading.Thread(target=go_on, args=(sessions, stopping), daemon=True).start()
        say("This is a demo: made sessions in a throw-away folder.")
        run_exporter(replace(settings, sessions_dirs=(sessions,), data_dir=Path(folder) / "data"))
        stopping.set()


@cli.group()
def hooks() -> None:
    """The recorder's entries in Claude Code's settings."""


def which_settings(command: Callable[..., None]) -> Callable[..., None]:
    """The options that name a settings file; the user's own if there is none."""

    @wraps(command)
    def with_path(user: bool, project: Path | None, settings: Path | None, **others: Any) -> None:
        named = user or project is not None or settings is not None
        command(_settings_path(user=user or not named, project=project, settings=settings), **others)

    decorated: Callable[..., None] = with_path
    for option in (
        click.option("--settings", type=click.Path(path_type=Path), metavar="FILE", help="This settings file."),
        click.option("--project", type=click.Path(path_type=Path), metavar="DIR", help="The settings of a project."),
        click.option("--user", is_flag=True, help="Your own settings, for all projects (the default)."),
    ):
        decorated = option(decorated)
    return decorated


@hooks.command("install")
@which_settings
@sessions_dir_option
def install_hooks(path: Path, sessions_dirs: tuple[Path, ...]) -> None:
    """Have Claude Code record its hooks, into the first --sessions-dir."""
    change = installer.install(path, sessions_dirs[0])
    folder = absolute(sessions_dirs[:1])[0]
    if change.unchanged:
        say(f"{path} has them already; they write to {folder}")
    else:
        say(f"{path}: {len(change.added)} hooks added, {len(change.updated)} renewed; they write to {folder}")
    say("Sessions that start from now on are recorded.")


@hooks.command("uninstall")
@which_settings
def uninstall_hooks(path: Path) -> None:
    """Take the recorder out again, and nothing else. The logs stay."""
    change = installer.uninstall(path)
    say(f"{path}: {len(change.removed)} hooks removed" if change.removed else f"{path} had none of hookmeter's hooks")


@hooks.command("status")
@which_settings
def hooks_status(path: Path) -> None:
    """Say whether the recorder is installed, complete and working; exit 1 if not."""
    found = installer.status(path)
    if not found.installed:
        _fail(f"{path} has none of hookmeter's hooks; run: hookmeter hooks install", 1)
    say(f"{path}: {len(found.installed)} hooks, writing to {found.sessions_dir} by {found.recorder}")
    if found.missing:
        _fail(f"missing: {', '.join(found.missing)}; run again: hookmeter hooks install", 1)
    if found.disabled:
        _fail(f"{path} says disableAllHooks: Claude Code calls none of them", 1)
    if not found.recorder_works:
        _fail("the recorder does not run; run again: hookmeter hooks install", 1)


@cli.command()
@click.argument("uuid", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@sessions_dir_option
def sessions(uuid: str | None, as_json: bool, sessions_dirs: tuple[Path, ...]) -> None:
    """List the sessions of the last 24 hours, or the tool calls of one."""
    reader = HooksReader(sessions_dirs[0], sessions_dirs[1:])
    if uuid is None:
        listed = reader.get_all_sessions()
        if as_json:
            say(json.dumps(listed, indent=2))
        elif listed:
            tables.console().print(tables.session_list(listed))
        else:
            say(f"No session in the last 24 hours below {', '.join(map(str, sessions_dirs))}.")
        return
    details = reader.get_session_details(uuid)
    if details is None:
        _fail(f"no log below {', '.join(map(str, sessions_dirs))} names a session {uuid!r}", 1)
    if as_json:
        say(json.dumps(details, indent=2))
    else:
        tables.console().print(tables.session_calls(details))


@cli.command()
@sessions_dir_option
@data_dir_option
def doctor(sessions_dirs: tuple[Path, ...], data_dir: Path) -> None:
    """Check hooks, logs and ledger, and say how to mend what is wrong; exit 1 if anything is."""
    files = (_settings_path(user=True), Path(".claude/settings.json"), Path(".claude/settings.local.json"))
    found = list(examine(files, sessions_dirs, data_dir))
    tables.console().print(tables.checks(found))
    sys.exit(0 if all(check.is_well for check in found) else 1)


@cli.command()
@sessions_dir_option
@listen_option
@label_values_option
@click.option("--output", type=click.Path(path_type=Path), default=Path("history.om"), show_default=True)
@click.option("--job", default="hookmeter", show_default=True, help="The job label of the live series.")
@click.option("--instance", help="The instance label of the live series.  [default: the address of --metrics-listen]")
def backfill(
    sessions_dirs: tuple[Path, ...],
    listen: ListenAddress,
    label_values: int,
    output: Path,
    job: str,
    instance: str | None,
) -> None:
    """Write the history as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.

    It ends three hours ago, where Prometheus' own newest block may begin. The labels are those of the live series,
    which goes on where the history ends.
    """
    history, until_us = History(label_values), now_us() - HEAD_BLOCK_US
    folders = [folder for root in absolute(sessions_dirs) for folder in session_folders(root)]
    with _progress() as progress:
        for folder in progress.track(folders, description="reading"):
            history.read(folder)
        history.finish(until_us)
        writing = progress.add_task("writing", total=None)
        labels = {"instance": instance or str(listen), "job": job}
        with output.open("w") as file:
            file.writelines(openmetrics(history, until_us, labels, lambda: progress.advance(writing)))
    say(f"{output} is written. Give it to Prometheus:")
    say(f"  promtool tsdb create-blocks-from openmetrics {output} PROMETHEUS_DATA")
    if history.undated:
        say(f"{history.undated} lines had no time stamp; they stand at the time of their file.")


def _progress() -> Progress:
    """A bar for people that watch, on standard error; nothing where nobody does."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _settings_path(*, user: bool, project: Path | None = None, settings: Path | None = None) -> Path:
    config_dir = os.environ.get("CLAUDE_CONFIG_DIR")
    return settings_path(
        user=user,
        project=project,
        settings=settings,
        home=Path.home(),
        config_dir=Path(config_dir) if config_dir else None,
    )


def _fail(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"hookmeter: {sentence}\n")
    sys.exit(code)


def main() -> None:
    """Run the command; whatever is wrong with what the user gave is one line on standard error, and exit 2."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
    except click.ClickException as error:
        _fail(" ".join(error.format_message().split()), 2)
    except click.Abort:
        _fail("stopped", 130)
    except EXPECTED as error:
        _fail(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's own flush is quiet
        sys.exit(1)
