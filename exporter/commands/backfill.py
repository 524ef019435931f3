"""`hookmeter backfill`: the history from before Prometheus started to scrape."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from exporter.commands.options import settings_options
from exporter.commands.remembering import ledger_if_readable
from exporter.ingest.follow import session_groups
from exporter.ledger.store import Ledger
from exporter.model.clock import from_us, now_us
from exporter.model.text import listed
from exporter.prices.table import load_prices
from exporter.reports.backfill import Changes, History, openmetrics
from exporter.reports.costs import Messages, known_directories
from exporter.settings import Settings
from exporter.sources.files import absolute
from exporter.sources.session_transcripts import transcript_paths
from exporter.terminal.messages import fail, progress, say, warn

HEAD_BLOCK_US = 3 * 3600 * 1_000_000
RETENTION_DAYS = 15


@click.command(short_help="Write the history from before the first scrape.")
@settings_options
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("history.om"),
    show_default=True,
    help="The file to write.",
)
@click.option("--job", default="hookmeter", show_default=True, help="The job label of the live series.")
@click.option("--instance", help="The instance label of the live series.  [default: the address of --metrics-listen]")
def backfill(settings: Settings, output: Path, job: str, instance: str | None) -> None:
    """Write the history as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.

    It takes the exporter's options. The history ends three hours ago, because Prometheus' own newest block may start
    there. Its labels are those of the live series, which continue it. Of sessions whose files are deleted, it has what
    the ledger remembers with times: spending, prompts and starts.
    """
    history, until_us = History(settings.label_values), now_us() - HEAD_BLOCK_US
    prices = load_prices(settings.prices_file, settings.managed_settings)
    for warning in prices.warnings:
        warn(warning)
    roots, messages = settings.transcript_roots, Messages(prices)
    unreadable = _read_history(history, absolute(settings.sessions_dirs), roots)
    with ledger_if_readable(settings.data_dir) as ledger:
        if ledger:
            messages.start_from(ledger, rereads=True)
            _add_remembered(history, ledger)
        unreadable |= _read_spending(history, messages, known_directories(roots, ledger))
    for path, reason in unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing from the history")
    history.finish(until_us, messages.labels)
    changes = history.changes(until_us)
    try:
        with output.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(openmetrics(changes, {"instance": instance or str(settings.listen), "job": job}))
    except OSError as error:
        fail(f"{output} cannot be written ({error.strerror}); name another file with --output", 2)
    _report(changes, output, (*settings.sessions_dirs, *roots))
    if history.undated:
        say(f"{history.undated} lines had no timestamp; they have the modification time of their file.")
    if unreadable:
        sys.exit(1)


def _report(changes: Changes, output: Path, roots: tuple[object, ...]) -> None:
    """Print what the file contains and how to load it."""
    if changes.span_us:
        first, last = (f"{from_us(moment).astimezone():%Y-%m-%d %H:%M}" for moment in changes.span_us)
        say(f"{output} has the history from {first} to {last}. To load it into Prometheus, run:")
        say(f"  promtool tsdb create-blocks-from openmetrics {output} PROMETHEUS_DATA")
        days = (now_us() - changes.span_us[0]) // (24 * 3600 * 1_000_000)
        if days >= RETENTION_DAYS:
            say(f"It goes back {days} days; Prometheus keeps {RETENTION_DAYS}, or --storage.tsdb.retention.time.")
    else:
        say(f"{output} is empty: {listed(roots)} has nothing older than three hours.")


def _read_history(history: History, roots: list[str], transcripts: tuple[str, ...]) -> dict[str, str]:
    """Read the calls and events of all hook logs and transcripts; return the reason for each that cannot be read."""
    unreadable: dict[str, str] = {}

    def report(path: str, error: OSError | None) -> None:
        if error:
            unreadable[str(error.filename or path)] = error.strerror or ""

    with progress() as track:
        for group in track(list(session_groups(roots, transcripts=transcript_paths(transcripts, report)))):
            history.add_logs(group, report)
    return unreadable


def _add_remembered(history: History, ledger: Ledger) -> None:
    """Add the sessions of the ledger whose files are deleted."""
    sessions = ledger.records.sessions_since(0)
    facts = ledger.records.facts([session.session_id for session in sessions])
    for session in sessions:
        history.add_remembered(session, facts[session.session_id].prompts_us)


def _read_spending(history: History, messages: Messages, directories: list[str]) -> dict[str, str]:
    """Read the API messages of all transcripts; return the reason for each that cannot be read."""
    with progress() as track:
        messages.read_projects(directories, track, history.project_times())
    history.add_messages(messages.all())
    history.add_api_events(messages.api_events())
    return messages.unreadable
