"""The figures of any range of time, from the ledger, and of the last hours from what the server has read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from exporter.counting.messages import SLOT_US
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import read_ledger_or_empty
from exporter.model.clock import iso
from exporter.snapshot.comparison import (
    ComparedSpan,
    Comparison,
    KnownSince,
    Tokens,
    comparison,
    range_totals,
)
from exporter.snapshot.costs import SpentByNames
from exporter.snapshot.figures import FinishedTask, task_figures
from exporter.snapshot.history import History, Slots, cost_history, tool_history
from exporter.sources.call_hours import HOUR_US, CallHours


class RecentFigures(NamedTuple):
    """What the server has read: the calls since an hour, the spending since a slot, and the tasks of the range.

    Until everything that there is has been read once, it is not complete. `uncounted_since_us` is the time of the first
    line before `since_hour` that the ledger lacks; None if it has all.
    """

    since_hour: int
    hours: CallHours
    since_slot: int
    spent: SpentByNames
    tasks: Sequence[FinishedTask]
    complete: bool
    uncounted_since_us: int | None

    @property
    def since_us(self) -> int:
        """The time from which on calls are those that the server has read."""
        return self.since_hour * HOUR_US

    def lacks_calls(self, since_us: int, until_us: int) -> bool:
        """Whether the ledger lacks calls of a range."""
        first_us = self.uncounted_since_us
        return first_us is not None and first_us < until_us and since_us < self.since_us


class FigureHistory:
    """Reads the ledger of a data directory for each range."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def compared(self, recent: RecentFigures, span: ComparedSpan, tokens: Tokens) -> Comparison:
        """The figures of a range, and of the time before it."""
        since_us, middle_us, until_us = span
        current, before = Slots.of(middle_us, until_us), Slots.of(since_us, middle_us)
        with read_ledger_or_empty(self._data_dir) as ledger:
            spent = _spent(ledger, recent, before)
            known = KnownSince(ledger.remembered_since_us(), _calls_since_us(ledger, recent, since_us, until_us))
            found = [range_totals(_hours(ledger, recent, slots), spent, slots) for slots in (before, current)]
        return comparison(span, found[0], found[1], tokens, known)

    def figures(self, recent: RecentFigures, since_us: int, until_us: int) -> History:
        """The figures of a range."""
        slots = Slots.of(since_us, until_us)
        with read_ledger_or_empty(self._data_dir) as ledger:
            hours, spent = _hours(ledger, recent, slots), _spent(ledger, recent, slots)
            complete_us, state = _calls_since_us(ledger, recent, since_us, until_us), ledger.state
            is_read = slots.since_us // HOUR_US >= recent.since_hour or (state.all_is_read and not state.past_is_unread)
        return {
            "tools": tool_history(hours, slots),
            "costs": cost_history(spent, slots),
            "tasks": task_figures(recent.tasks),
            "calls_complete_since": iso(complete_us) if complete_us > since_us else None,
            "complete": recent.complete and is_read and not recent.lacks_calls(since_us, until_us),
        }


def _calls_since_us(ledger: LedgerReader, recent: RecentFigures, since_us: int, until_us: int) -> int:
    """From when on the calls of a range are complete."""
    counted_us = recent.since_us if recent.lacks_calls(since_us, until_us) else 0
    return max(ledger.calls_since_us(), counted_us)


def _hours(ledger: LedgerReader, recent: RecentFigures, slots: Slots) -> CallHours:
    """The calls of the range: the last ones as the server has read them, so that none waits for the exporter."""
    first, end = slots.since_us // HOUR_US, -(-slots.until_us // HOUR_US)
    older = ledger.call_hours(first, min(end, recent.since_hour)) if first < recent.since_hour else CallHours()
    return older + CallHours({kind: calls for kind, calls in recent.hours.items() if first <= kind.hour < end})


def _spent(ledger: LedgerReader, recent: RecentFigures, slots: Slots) -> SpentByNames:
    first, since_slot = slots.since_us // SLOT_US, recent.since_slot
    newer = recent.spent.where(lambda slot: slot >= since_slot)
    if first >= since_slot:
        return newer
    in_ledger = SpentByNames(ledger.spent_by_model_and_project(first), ledger.unpriced_by_model_and_project(first))
    older = in_ledger.where(lambda slot: slot < since_slot)
    return SpentByNames({**older.costs, **newer.costs}, {**older.unpriced, **newer.unpriced})
