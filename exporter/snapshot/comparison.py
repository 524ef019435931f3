"""The figures of a range of time next to those of the time before it, as far as both are known."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, TypedDict

from exporter.counting.messages import SLOT_US
from exporter.model.clock import iso, iso_or_none
from exporter.model.error_rate import error_rate_of
from exporter.model.money import Amount
from exporter.model.records import Outcome
from exporter.snapshot.costs import SpentByNames
from exporter.snapshot.history import Slots
from exporter.sources.call_hours import HOUR_US, CallHours


class RangeFigures(TypedDict):
    """The figures of a range. What is not known for all of it is null, and so is the error rate without calls.

    `unpriced_tokens` are those of models without a known price, whose cost is not in the cost.
    """

    cost_usd: float | None
    unpriced_tokens: int | None
    tokens: int | None
    calls: int | None
    failed_calls: int | None
    error_rate: float | None


class Comparison(TypedDict):
    """A range of time, which starts with an hour, and the one of the same length before it.

    `complete_since` is the time from which on all figures are complete; null if nothing is known. Those of the time
    before are null if it is not complete: sessions may have been deleted before they were counted. So are the calls of
    a range if not all of them are counted.
    """

    starts_at: str
    ends_at: str
    previous_starts_at: str
    complete_since: str | None
    current: RangeFigures
    previous: RangeFigures


class ComparedSpan(NamedTuple):
    """The start of the earlier range, the end of it, which is the start of the later one, and the end of that."""

    since_us: int
    middle_us: int
    until_us: int

    @classmethod
    def of(cls, since_us: int, until_us: int) -> ComparedSpan:
        """A range, from the hour next to its start on, and as many hours before it: calls are counted by hour."""
        middle_us = max(0, min(_nearest_hour(since_us), (until_us - 1) // HOUR_US * HOUR_US))
        return cls(middle_us - max(HOUR_US, _nearest_hour(until_us - since_us)), middle_us, until_us)


class Tokens(NamedTuple):
    """The tokens of both ranges; None if costs are not read."""

    previous: int | None
    current: int | None


class KnownSince(NamedTuple):
    """From when on the ledger has every session, None if it has none, and from when on calls are all counted."""

    sessions_us: int | None
    calls_us: int


class RangeTotals(NamedTuple):
    """The sums over a range: the cost, unknown if nothing was spent at a known price, and ended calls."""

    cost: Amount
    outcomes: Counter[Outcome]


def range_totals(hours: CallHours, spent: SpentByNames, slots: Slots) -> RangeTotals:
    """The sums over the hours of a range, and over those of some quarters of an hour that are in it."""
    outcomes = Counter[Outcome]()
    for kind, calls in hours.items():
        outcomes[kind.outcome] += calls
    first, end = slots.since_us // SLOT_US, -(-slots.until_us // SLOT_US)
    costs, unpriced = (found.values() for found in spent.where(lambda slot: first <= slot < end))
    return RangeTotals(Amount(sum(costs) if costs else None, sum(unpriced)), outcomes)


def comparison(
    span: ComparedSpan, before: RangeTotals, current: RangeTotals, tokens: Tokens, known: KnownSince
) -> Comparison:
    """Both ranges, the earlier one without figures that may be incomplete."""
    sessions_us, calls_us = known
    complete_us = None if sessions_us is None else max(sessions_us, calls_us)
    has_spending = sessions_us is not None and sessions_us <= span.since_us
    has_calls = has_spending and calls_us <= span.since_us
    has_current_calls = calls_us <= span.middle_us
    return {
        "starts_at": iso(span.middle_us),
        "ends_at": iso(span.until_us),
        "previous_starts_at": iso(span.since_us),
        "complete_since": iso_or_none(complete_us),
        "current": _figures(
            current, tokens.current, has_spending=tokens.current is not None, has_calls=has_current_calls
        ),
        "previous": _figures(before, tokens.previous, has_spending=has_spending, has_calls=has_calls),
    }


def _figures(totals: RangeTotals, tokens: int | None, *, has_spending: bool, has_calls: bool) -> RangeFigures:
    is_priced = has_spending and tokens is not None
    # Without any tokens nothing was spent; tokens without a cost are of models without a known price.
    cost = totals.cost if tokens else Amount(totals.cost.picodollars or 0)
    return {
        "cost_usd": cost.dollars if is_priced else None,
        "unpriced_tokens": cost.unpriced_tokens if is_priced else None,
        "tokens": tokens if is_priced else None,
        "calls": totals.outcomes.total() if has_calls else None,
        "failed_calls": totals.outcomes[Outcome.ERROR] if has_calls else None,
        "error_rate": error_rate_of(totals.outcomes) if has_calls else None,
    }


def _nearest_hour(time_us: int) -> int:
    return (time_us + HOUR_US // 2) // HOUR_US * HOUR_US
