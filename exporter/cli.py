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
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from exporter import tables
from exporter.backfill import History, openmetrics
from exporter.collectors.build import VERSION
from exporter.cost_report import GROUPS, Messages, folders
from exporter.cost_report import report as cost_report
from exporter.cost_tables import cost_csv, cost_table, notes
from exporter.demo import go_on, make_history
from exporter.doctor import Verdict, examine
from exporter.hooks import installer
from exporter.hooks.settings_file import SettingsError
from exporter.hooks_reader import HooksReader
from exporter.ledger.opening import LedgerError
from exporter.meter import now_us
from exporter.options import (
    claude_settings,
    data_dir_option,
    demo_option,
    label_values_option,
    listen_option,
    prices_option,
    sessions_dir_option,
    settings_options,
    transcript_roots,
    transcripts_dir_option,
    which_settings,
)
from exporter.prices.table import PriceFileError, load_prices
from exporter.run import run_exporter
from exporter.settings import Settings
from exporter.since import SinceError, parse_since
from exporter.sources.log_folders import absolute, session_folders
from exporter.sources.timestamps import from_us
from exporter.terminal import fail, progress, say, warn
from exporter.web.listen import CannotListenError, ListenAddress, ListenAddressError
from exporter.web.web_config_format import WebConfigError

EXPECTED = (
    CannotListenError, LedgerError, ListenAddressError, PriceFileError, SettingsError, SinceError, WebConfigError,
)  # fmt: skip
HEAD_BLOCK_US = 3 * 3600 * 1_000_000
RETENTION_DAYS = 15


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
        fail(f"{path} has none of hookmeter's hooks; run: hookmeter hooks install", 1)
    say(f"{path}: {len(found.installed)} hooks, writing to {found.sessions_dir} by {found.recorder}")
    if found.missing:
        fail(f"missing: {', '.join(found.missing)}; run again: hookmeter hooks install", 1)
    if found.disabled:
        fail(f"{path} says disableAllHooks: Claude Code calls none of them", 1)
    if not found.recorder_works:
        fail("the recorder does not run; run again: hookmeter hooks install", 1)


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
        warn(f"{path} cannot be read ({reason}); what it holds is missing here")


def _list_sessions(reader: HooksReader, *, as_json: bool, where: tuple[Path, ...]) -> None:
    listed = reader.get_all_sessions()
    if as_json:
        say(json.dumps(listed, indent=2))
    elif listed:
        tables.show(tables.session_list(listed, datetime.now(UTC)))
    else:
        say(f"No session in the last 24 hours below {joined(where)}.")


def _show_session(reader: HooksReader, uuid: str, *, as_json: bool, where: tuple[Path, ...]) -> None:
    details = reader.get_session_details(uuid)
    if details is None:
        known = [session["session_uuid"] for session in reader.get_all_sessions()]
        named = [session_id for session_id in known if session_id.startswith(uuid)] if uuid else []
        if len(named) > 1:
            fail(f"{uuid!r} begins {len(named)} sessions: {', '.join(named[:5])}{' …' if named[5:] else ''}", 1)
        details = reader.get_session_details(named[0]) if named else None
    if details is None:
        fail(f"no log below {joined(where)} names a session {uuid!r}", 1)
    if as_json:
        say(json.dumps(details, indent=2))
        return
    say(tables.summary(details["summary"]))
    if details["tools"]:
        tables.show(tables.session_calls(details, tables.width()))


@cli.command(short_help="Say what was spent, by model, project, agent, day or session.")
@transcripts_dir_option
@prices_option
@click.option("--since", metavar="TIME", help="From then on: 7d, 24h, 30m, or a date such as 2026-11-01.")
@click.option("--by", type=click.Choice(list(GROUPS)), default="model", show_default=True, help="What makes a line.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, for spreadsheets.")
def cost(
    transcripts_dirs: tuple[Path, ...],
    prices_file: Path | None,
    since: str | None,
    by: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Say what Claude Code's transcripts come to at list prices, each API message counted once.

    Sub-agents are in it. Days are those of this machine's time zone. Claude Code deletes transcripts after 30 days
    unless its cleanupPeriodDays says otherwise; the exporter's counters go on.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    now = now_us()
    since_us = parse_since(since, now) if since is not None else None
    roots = transcript_roots(transcripts_dirs)
    messages = Messages(load_prices(prices_file), since_us or 0)
    with progress() as track:
        for folder in track(folders(roots)):
            messages.read(folder)
    report = cost_report(messages.all(), by, since_us, now)
    if as_json:
        say(json.dumps(report, indent=2))
    elif as_csv:
        sys.stdout.write(cost_csv(report))
    elif report["rows"]:
        tables.show(cost_table(report))
        for sentence in notes(report):
            say(sentence)
    else:
        say(f"No API message{' since then' if since else ''} in transcripts below {', '.join(roots)}.")
    for path, reason in messages.unreadable.items():
        warn(f"{path} cannot be read ({reason}); what it holds is missing here")


@cli.command(short_help="Check hooks, logs, ledger and exporter.")
@sessions_dir_option
@data_dir_option
@listen_option
def doctor(sessions_dirs: tuple[Path, ...], data_dir: Path, listen: ListenAddress) -> None:
    """Check hooks, logs, ledger and exporter, and say how to mend what is wrong; exit 1 if anything is.

    A line with -- is only to be known: nothing is wrong with the numbers.
    """
    files = (claude_settings(user=True), Path(".claude/settings.json"), Path(".claude/settings.local.json"))
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
        fail(f"{output} cannot be written ({error.strerror}); name another file with --output", 2)
    if changes.span_us:
        first, last = (f"{from_us(moment).astimezone():%Y-%m-%d %H:%M}" for moment in changes.span_us)
        say(f"{output} holds what happened from {first} to {last}. Give it to Prometheus:")
        say(f"  promtool tsdb create-blocks-from openmetrics {output} PROMETHEUS_DATA")
        days = (now_us() - changes.span_us[0]) // (24 * 3600 * 1_000_000)
        if days >= RETENTION_DAYS:
            say(f"It goes {days} days back; Prometheus keeps {RETENTION_DAYS}, or --storage.tsdb.retention.time.")
    else:
        say(f"{output} is empty: below {joined(sessions_dirs)} is nothing older than three hours.")
    if history.undated:
        say(f"{history.undated} lines had no time stamp; they stand at the time of their file.")
    if unreadable:
        sys.exit(1)


def _read_history(history: History, roots: list[str]) -> list[str]:
    """Read all folders; those that could not be read are told, and given back."""
    unreadable: list[str] = []
    with progress() as track:
        for root in roots:
            try:
                for folder in track(list(session_folders(root))):
                    try:
                        history.read(folder)
                    except OSError as error:
                        unreadable.append(_unread(error, folder))
            except OSError as error:
                unreadable.append(_unread(error, root))
    for path in unreadable:
        warn(f"{path}; what it holds is missing in the history")
    return unreadable


def _unread(error: OSError, path: str) -> str:
    return f"{error.filename or path} cannot be read ({error.strerror})"


def joined(paths: tuple[Path, ...]) -> str:
    """The paths, as they are said in a sentence."""
    return ", ".join(map(str, paths))


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
        fail(" ".join(error.format_message().split()), 2)
    except click.Abort:
        fail("stopped", 130)
    except EXPECTED as error:
        fail(str(error), 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's own flush is quiet
        sys.exit(1)
