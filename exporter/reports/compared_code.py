"""What calls changed in code in a range of time, and in the time of the same length before."""

from __future__ import annotations

from typing import TypedDict

from exporter.ledger.reader import LedgerReader
from exporter.reports.code_report import total_changes
from exporter.sources.call_hours import HOUR_US
from exporter.views.code_numbers import CodeNumbers


class ComparedCode(TypedDict):
    """The numbers of both times, in whole hours; `before` is None if the ledger does not have all of it."""

    now: CodeNumbers
    before: CodeNumbers | None


def compared_code(ledger: LedgerReader, since_us: int, now_us: int) -> ComparedCode:
    """What the ledger has of the time since a moment, and of as much before it."""
    before_us = max(0, 2 * since_us - now_us)
    before, since, end = (time_us // HOUR_US for time_us in (before_us, since_us, now_us + HOUR_US))
    has_all = ledger.code_since_us() <= before_us
    return {
        "now": total_changes(ledger.code_hours(since, end)),
        "before": total_changes(ledger.code_hours(before, since)) if has_all else None,
    }
