"""The command `hookmeter`: each command reads its settings and calls the one function that does the work."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
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
from exporter.doctor import Verdict, examine
from exporter.hooks import installer
from exporter.hooks.settings_file import SettingsError, settings_path
from exporter.hooks_reader import HooksReader
from exporter.ledger.opening import LedgerError
from exporter.meter import now_us
from exporter.run import run_exporter, say
from exporter.settings import DEFAULT_DATA_DIR, DEFAULT_LABEL_VALUES, DEFAULT_LISTEN, DEFAULT_SESSIONS_DIRS, Settings
from exporter.sources.log_folders import absolute, session_folders
from exporter.sources.timestamps import from_us
from exporter.web.listen import CannotListenError, ListenAddress, ListenAddressError, parse_listen
from exporter.web.web_config_format import WebConfigError

EXPECTED = (CannotListenError, LedgerError, ListenAddressError, SettingsError, WebConfigError)
HEAD_BLOCK_US = 3 * 3600 * 1_000_000
RETENTION_DAYS = 15


class Listen(click.ParamType[ListenAddress]):
    """An address such as 127.0.0.1:19464."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """Read it, or say what is wrong with it."""
        try:
            return value if isinstance(value, ListenAddress) else parse_listen(value)
        except ListenAddressError as error:
            self.fail(str(error), param, ctx)


class Folder(click.Path):
    """A folder, there or yet to be made. An empty text is a slip (a variable that is not set), never this folder."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, or say what is wrong with it."""
        if value == "":
            self.fail("it is empty; name a folder.", param, ctx)
        try:
            folder = Path(value).expanduser()  # a variable's ~ is nobody else's to expand
            folder.stat()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            pass  # it may be yet to come; whoever needs it says what is wrong
        except OSError as error:
            self.fail(f"{str(value)!r} leads nowhere ({error.strerror}).", param, ctx)
        except RuntimeError as error:  # there is no such user
            self.fail(f"{str(value)!r} leads nowhere ({error}).", param, ctx)
        return super().convert(folder, param, ctx)


class Number(click.IntRange):
    """A whole number within bounds."""

    name = "number"


sessions_dir_option = click.option(
    "--sessions-dir",
    "sessions_dirs",
    multiple=True,
    type=Folder(),
    envvar="HOOKMETER_SESSIONS_DIR",
    default=DEFAULT_SESSIONS_DIRS,
    show_default=True,
    show_envvar=True,
    help="A folder of session folders with hook logs; repeat it for more (in the variable: separated as in PATH).",
)
data_dir_option = click.option(
    "--data-dir",
    type=Folder(),
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
    type=Number(min=1),
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
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # also before it serves, its end is a clean one
    if not demo:
        run_exporter(settings)
        return
    with tempfile.TemporaryDirectory(prefix="hookmeter-demo-") as folder:
        sessions, stopping = Path(folder) / "sessions", threading.Event()
        make_history(sessions, now_us())
        writer = threading.Thread(target=go_on, args=(sessions, stopping), daemon=True)
        writer.start()
        try:
            say("This is a demo: made sessions in a throw-away folder.")
            run_exporter(replace(settings, sessions_dirs=(sessions,), data_dir=Path(folder) / "data"))
        finally:
            stopping.set()
            writer.join()


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


@hooks.command("install", short_help="Have Claude Code record its hooks.")
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


@hooks.command("uninstall", short_help="Take the recorder out again; the logs stay.")
@which_settings
def uninstall_hooks(path: Path) -> None:
    """Take the recorder out again, and nothing else. The logs stay."""
    change = installer.uninstall(path)
    say(f"{path}: {len(change.removed)} hooks removed" if change.removed else f"{path} had none of hookmeter's hooks")


@hooks.command("status", short_help="Say whether the recorder is installed and works.")
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


@cli.command(short_help="List the sessions of 24 hours, or one's tool calls.")
@click.argument("uuid", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@sessions_dir_option
def sessions(uuid: str | None, as_json: bool, sessions_dirs: tuple[Path, ...]) -> None:
    """List the sessions of the last 24 hours, or the tool calls of one; the beginning of its UUID is enough."""
    reader = HooksReader(sessions_dirs[0], sessions_dirs[1:])
    if uuid is None:
        _list_sessions(reader, as_json=as_json, where=sessions_dirs)
    else:
        _show_session(reader, uuid, as_json=as_json, where=sessions_dirs)
    for path, reason in reader.unreadable.items():
        _warn(f"{path} cannot be read ({reason}); what it holds is missing here")


def _list_sessions(reader: HooksReader, *, as_json: bool, where: tuple[Path, ...]) -> None:
    listed = reader.get_all_sessions()
    if as_json:
        say(json.dumps(listed, indent=2))
    elif listed:
        tables.show(tables.session_list(listed, datetime.now(UTC)))
    else:
        say(f"No session in the last 24 hours below {_listed(where)}.")


def _show_session(reader: HooksReader, uuid: str, *, as_json: bool, where: tuple[Path, ...]) -> None:
    details = reader.get_session_details(uuid)
    if details is None:
        known = [session["session_uuid"] for session in reader.get_all_sessions()]
        named = [session_id for session_id in known if session_id.startswith(uuid)] if uuid else []
        if len(named) > 1:
            _fail(f"{uuid!r} begins {len(named)} sessions: {', '.join(named[:5])}{' …' if named[5:] else ''}", 1)
        details = reader.get_session_details(named[0]) if named else None
    if details is None:
        _fail(f"no log below {_listed(where)} names a session {uuid!r}", 1)
    if as_json:
        say(json.dumps(details, indent=2))
        return
    say(tables.summary(details["summary"]))
    if details["tools"]:
        tables.show(tables.session_calls(details, tables.width()))


@cli.command(short_help="Check hooks, logs, ledger and exporter.")
@sessions_dir_option
@data_dir_option
@listen_option
def doctor(sessions_dirs: tuple[Path, ...], data_dir: Path, listen: ListenAddress) -> None:
    """Check hooks, logs, ledger and exporter, and say how to mend what is wrong; exit 1 if anything is.

    A line with -- is only to be known: nothing is wrong with the numbers.
    """
    files = (_settings_path(user=True), Path(".claude/settings.json"), Path(".claude/settings.local.json"))
    found = list(examine(tuple(dict.fromkeys(file.absolute() for file in files)), sessions_dirs, data_dir, listen))
    tables.show(tables.checks(found))
    sys.exit(1 if any(check.verdict is Verdict.WRONG for check in found) else 0)


@cli.command(short_help="Write the history that Prometheus was not there for.")
@sessions_dir_option
@listen_option
@label_values_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("history.om"),
    show_default=True,
    help="The file to write.",
)
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
    unreadable = _read_history(history, absolute(sessions_dirs))
    history.finish(until_us)
    changes = history.changes(until_us)
    try:
        with output.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(openmetrics(changes, {"instance": instance or str(listen), "job": job}))
    except OSError as error:
        _fail(f"{output} cannot be written ({error.strerror}); name another file with --output", 2)
    if changes.span_us:
        first, last = (f"{from_us(moment).astimezone():%Y-%m-%d %H:%M}" for moment in changes.span_us)
        say(f"{output} holds what happened from {first} to {last}. Give it to Prometheus:")
        say(f"  promtool tsdb create-blocks-from openmetrics {output} PROMETHEUS_DATA")
        days = (now_us() - changes.span_us[0]) // (24 * 3600 * 1_000_000)
        if days >= RETENTION_DAYS:
            say(f"It goes {days} days back; Prometheus keeps {RETENTION_DAYS}, or --storage.tsdb.retention.time.")
    else:
        say(f"{output} is empty: below {_listed(sessions_dirs)} is nothing older than three hours.")
    if history.undated:
        say(f"{history.undated} lines had no time stamp; they stand at the time of their file.")
    if unreadable:
        sys.exit(1)


def _read_history(history: History, roots: list[str]) -> list[str]:
    """Read all folders; those that could not be read are told, and given back."""
    unreadable: list[str] = []
    with _progress() as progress:
        for root in roots:
            try:
                for folder in progress(list(session_folders(root))):
                    try:
                        history.read(folder)
                    except OSError as error:
                        unreadable.append(_unread(error, folder))
            except OSError as error:
                unreadable.append(_unread(error, root))
    for path in unreadable:
        _warn(f"{path}; what it holds is missing in the history")
    return unreadable


def _unread(error: OSError, path: str) -> str:
    return f"{error.filename or path} cannot be read ({error.strerror})"


@contextmanager
def _progress() -> Iterator[Callable[[list[str]], Iterator[str]]]:
    """A bar for people that watch work of over a second, on standard error; nothing where nobody does."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    late = time.monotonic() + 1.0

    def track(folders: list[str]) -> Iterator[str]:
        task = bar.add_task("reading", total=len(folders))
        for folder in folders:
            yield folder
            bar.advance(task)
            if not bar.live.is_started and time.monotonic() > late:
                bar.start()

    try:
        yield track
    finally:
        bar.stop()


def _settings_path(*, user: bool, project: Path | None = None, settings: Path | None = None) -> Path:
    config_dir = os.environ.get("CLAUDE_CONFIG_DIR")
    return settings_path(
        user=user,
        project=project,
        settings=settings,
        home=Path.home(),
        config_dir=Path(config_dir) if config_dir else None,
    )


def _listed(paths: tuple[Path, ...]) -> str:
    return ", ".join(map(str, paths))


def _warn(sentence: str) -> None:
    sys.stderr.write(f"hookmeter: {sentence}\n")


def _fail(sentence: str, code: int) -> NoReturn:
    _warn(sentence)
    sys.exit(code)


def main() -> None:
    """Run the command; whatever is wrong with what the user gave is one line on standard error, and exit 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever stands in a path or a log can be said
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
