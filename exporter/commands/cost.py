"""`hookmeter cost`: what Claude Code cost."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from exporter.commands.cost_options import (
    Form,
    Printed,
    Profile,
    Wanted,
    printed_options,
    profile_options,
    wanted_options,
)
from exporter.commands.place_options import data_dir_option
from exporter.commands.price_options import price_options
from exporter.counting.blocks import Blocks
from exporter.model.clock import now_us
from exporter.model.text import listed
from exporter.model.track import Track
from exporter.prices.table import PriceTable
from exporter.reports.active_block import ActiveBlock, active_block
from exporter.reports.cost_groups import Grouping
from exporter.reports.cost_report import CostReport, report
from exporter.reports.cost_source import CostSource, CostsRead
from exporter.terminal.messages import progress, say, say_json, warn


class Found(NamedTuple):
    """A report, and what is printed with it."""

    report: CostReport
    active_block: ActiveBlock | None
    read: CostsRead


@click.command()
@profile_options
@data_dir_option
@price_options
@wanted_options
@printed_options
def cost(profile: Profile, data_dir: Path, prices: PriceTable, wanted: Wanted, printed: Printed) -> None:
    """Report what the usage in Claude Code's transcripts costs; each API message counts once.

    Prices are your own, else your organization's, else list prices. Sub-agents are included. Claude Code deletes
    transcripts after 30 days, or its cleanupPeriodDays; what the exporter has read of them is in its ledger, and so in
    the report. With --profile, only sessions of that account are reported. With --live, the default is today.
    """
    source = CostSource(data_dir, profile.transcript_roots, profile.is_limited, prices)
    if printed.live:
        _print_live(source, wanted, printed)
        return
    gc.disable()  # a report makes no cycles, and looking for them takes a tenth of its time
    with progress() as track:
        found = _found(source, wanted, track)
    if printed.form is Form.JSON:
        block = {"active_block": found.active_block} if wanted.is_by_block else {}
        say_json({**found.report, **block, "prices": found.read.prices})
    elif found.report["rows"] or printed.form is Form.CSV:
        _print_report(found, printed)
    else:
        say(_nothing_found(source, wanted))
    for warning in found.read.warnings:
        warn(warning)


def _found(source: CostSource, wanted: Wanted, track: Track = iter) -> Found:
    now = now_us()
    chosen = wanted.filter(now)
    read = source.read(0 if wanted.is_by_block else chosen.since_us, track)  # a block depends on all before it
    blocks = Blocks.of(message.time_us for message in read.messages if wanted.is_by_block)
    made = report(
        chosen.admitted(read.messages),
        Grouping(wanted.by, wanted.zone, blocks),
        chosen.since_us if wanted.since else None,
        now if chosen.until_us is None else chosen.until_us,
        descending=wanted.descending,
        breakdown=wanted.breakdown,
    )
    reaches_now = chosen.until_us is None or chosen.until_us > now
    from_start = msgspec.structs.replace(chosen, since_us=0)  # a block may have begun before --since
    whole = from_start.admitted(read.messages) if reaches_now else []
    return Found(made, active_block(whole, blocks, now, wanted.zone), read)


def _nothing_found(source: CostSource, wanted: Wanted) -> str:
    return f"No API messages{wanted.words} in the transcripts in {listed(source.transcript_roots)}."


def _print_report(found: Found, printed: Printed) -> None:
    if printed.form is Form.CSV:
        from exporter.terminal.cost_csv import cost_csv  # noqa: PLC0415 - takes a millisecond, which tables save

        sys.stdout.write(cost_csv(found.report))
        return
    from exporter.terminal import cost_tables, tables  # noqa: PLC0415 - takes milliseconds, which JSON saves

    tables.show(cost_tables.cost_table(found.report, compact=printed.compact))
    for note in cost_tables.notes(found.report, found.active_block, found.read.prices):
        say(note)


def _print_live(source: CostSource, wanted: Wanted, printed: Printed) -> None:
    if not sys.stdout.isatty():
        raise click.UsageError("--live needs a terminal; use --json in scripts.")
    from exporter.terminal import cost_tables, live  # noqa: PLC0415 - takes 20 ms, which all else saves

    def shown() -> live.Page:
        today = wanted.of_today()
        found = _found(source, today)
        if not found.report["rows"]:
            return live.Page(None, [_nothing_found(source, today)])
        table = cost_tables.cost_table(found.report, compact=printed.compact)
        notes = cost_tables.notes(found.report, found.active_block, found.read.prices)
        return live.Page(table, [*notes, *found.read.warnings])

    live.refresh(shown)
