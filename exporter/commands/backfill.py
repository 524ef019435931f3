"""`hookmeter backfill`: the history from before Prometheus started to scrape."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from exporter.commands.label_type import Label
from exporter.commands.options import settings_options
from exporter.commands.remembering import ledger_if_readable
from exporter.commands.value_types import NamedPath, Time
from exporter.counting.totals import Totals
from exporter.ingest.follow import session_groups
from exporter.ledger.reader import LedgerReader
from exporter.model.clock import from_us, now_us
from exporter.model.since import parse_until
from exporter.model.text import listed
from exporter.prices.table import load_prices
from exporter.reports.backfill import DAY_US, Changes, openmetrics
from exporter.reports.costs import Messages, known_directories
from exporter.reports.history import History
from exporter.settings import Settings
from exporter.sources.files import absolute
from exporter.sources.session_transcripts import transcript_paths
from exporter.terminal.amounts import numbered
from exporter.terminal.messages import fail, progress, say, warn
from exporter.web.listen_address import ListenAddress

HEAD_BLOCK_US = 3 * 3600 * 1_000_000
RETENTION_DAYS = 15
# promtool reads the file once for each block, so that blocks of two hours, its default, take an hour for 40 days.
CREATE_BLOCKS = "promtool tsdb create-blocks-from --max-block-duration=162h openmetrics"
STANDARD_OUTPUT = Path("-")
ALL_INTERFACES = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - the hosts of addresses that name no target


@click.command()
@settings_options
@click.option(
    "--output",
    type=NamedPath(path_type=Path, dir_okay=False, allow_dash=True),
    default=Path("history.om"),
    show_default=True,
    help="The file to write, or - for standard output.",
)
@click.option(
    "--until",
    type=Time(),
    help="End of the history: 7d, 12h, 2026-11-28T12:00, or a date, which is included.  [default, and latest: three"
    " hours ago]",
)
@click.option("--job", default="hookmeter", show_default=True, help="The job label of the live series.")
@click.option(
    "--instance",
    envvar="HOOKMETER_INSTANCE",
    show_envvar=True,
    help="The instance label of the live series.  [default: the address of --metrics-listen]",
)
@click.option(
    "--label",
    "labels",
    type=Label(),
    multiple=True,
    help="Another label of the live series, such as host=build-07; may be repeated.",
)
def backfill(settings: Settings, output: Path, until: str | None, **live: Any) -> None:
    """Write the history as OpenMetrics, for `promtool tsdb create-blocks-from openmetrics`.

    It takes the exporter's options. The history ends three hours ago, because Prometheus' own newest block may start
    there. If Prometheus has scraped for longer, end it before the first scrape with --until. Its labels are those of
    the live series, which continue it. Of sessions whose files are deleted, it has what the ledger remembers with
    times: spending, prompts and starts.
    """
    now, labels = now_us(), _labels(settings.listen, **live)
    until_us = min(parse_until(until, now) if until else now, now - HEAD_BLOCK_US)
    history = History(settings.label_values)
    with ledger_if_readable(settings.data_dir) as ledger:
        unreadable = _read(history, settings, ledger, now)
        totals = ledger.state.totals if ledger else Totals(settings.label_values)
    for path, reason in unreadable.items():
        warn(f"{path} cannot be read ({reason}); its data is missing from the history")
    changes = Changes.of(history.increments(totals.label_values), until_us)
    changes.note_totals(totals)
    _write(output, openmetrics(changes, labels))
    for note in _notes(changes, history.undated, output, (*settings.sessions_dirs, *settings.transcript_roots)):
        (warn if output == STANDARD_OUTPUT else say)(note)
    if unreadable:
        sys.exit(1)


def _labels(
    listen: ListenAddress, job: str, instance: str | None, labels: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    """The labels that Prometheus adds to the series of the exporter."""
    if not instance and (listen.host in ALL_INTERFACES or not listen.port):
        fail(f"{listen} is not the address of a target; name the instance label of the live series by --instance", 2)
    return {**dict(labels), "instance": instance or str(listen), "job": job}


def _read(history: History, settings: Settings, ledger: LedgerReader | None, now: int) -> dict[str, str]:
    """Read everything up to now; return the reason for each path that cannot be read."""
    prices = load_prices(settings.prices_file, settings.managed_settings)
    for warning in prices.warnings:
        warn(warning)
    roots, messages = settings.transcript_roots, Messages(prices)
    unreadable = _read_history(history, absolute(settings.sessions_dirs), roots)
    if ledger:
        messages.start_from(ledger, rereads=True)
        _add_remembered(history, ledger)
    unreadable |= _read_spending(history, messages, known_directories(roots, ledger))
    history.finish(now, messages.labels)
    return unreadable


def _write(output: Path, lines: Iterator[str]) -> None:
    try:
        with click.open_file(str(output), "wb") as file:
            file.writelines(line.encode() for line in lines)
            file.flush()
    except OSError as error:
        if output == STANDARD_OUTPUT:
            raise  # as everywhere: a reader that has left, as `head` does, needs no message
        fail(f"{output} cannot be written ({error.strerror}); name another file with --output", 2)


def _notes(changes: Changes, undated: int, output: Path, roots: tuple[object, ...]) -> Iterator[str]:
    """What the file contains and how to load it."""
    if changes.is_empty:
        yield f"There is no history in {listed(roots)}: {_named(output)} is empty."
        return
    first, last = (f"{from_us(moment).astimezone():%Y-%m-%d %H:%M}" for moment in (changes.start_us, changes.end_us))
    if changes.start_us == changes.end_us:
        yield f"{_named(output)} has no change before {last}, where the history ends; Prometheus scrapes what is later."
    elif output == STANDARD_OUTPUT:
        yield f"the history goes from {first} to {last}"
    else:
        yield f"{output} has the history from {first} to {last}. To load it into Prometheus, run:"
        yield f"  {CREATE_BLOCKS} {output} PROMETHEUS_DATA"
    days = (now_us() - changes.start_us) // DAY_US
    if days >= RETENTION_DAYS:
        yield f"It goes back {days} days; Prometheus keeps {RETENTION_DAYS}, or --storage.tsdb.retention.time."
    if undated:
        yield f"Without a timestamp: {numbered(undated, 'line')}, at the modification time of the file."


def _named(output: Path) -> str:
    return "standard output" if output == STANDARD_OUTPUT else str(output)


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


def _add_remembered(history: History, ledger: LedgerReader) -> None:
    """Add the sessions of the ledger whose files are deleted."""
    sessions = [session for session in ledger.records.sessions_since(0) if not session.is_lone_end]
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
