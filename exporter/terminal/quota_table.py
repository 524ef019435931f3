"""What `hookmeter quota` prints: a row per window and per period, and notes on what is estimated or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from exporter.reports.quota_report import EstimatedUse, PeriodUse, QuotaReport, WindowUse
from exporter.terminal.amounts import dollars, duration, unpriced_note
from exporter.terminal.descriptions import Cell, Column, PlainTable, Styled, plain

NAMES = {"five_hour": "5 hours", "seven_day": "7 days", "day": "today", "month": "this month"}
NEARLY, ALL = 0.8, 1.0
UNKNOWN = "–"
RANKS = {"used": 0, "of": 2, "ends in": 3, "rate": 4, "at the end": 1}
COLUMNS = (
    Column("quota"),
    *(Column(name, is_number=True, no_wrap=True, rank=rank) for name, rank in RANKS.items()),
)


def quota_table(report: QuotaReport, now: datetime) -> PlainTable:
    """A row per window of the subscription and per budget."""
    return PlainTable(COLUMNS, list(_rows(report, now)))


def quota_rows(report: QuotaReport, now: datetime) -> list[tuple[str, ...]]:
    """The cells of the same rows, without styles."""
    return [tuple(map(plain, row)) for row in _rows(report, now)]


def notes(report: QuotaReport) -> list[str]:
    """Notes on the numbers, a sentence each."""
    found, estimated = [], report["estimated"]
    if estimated and estimated["limit_usd"] is not None:
        found.append(
            "Estimated, as nothing reports the window of five hours: the limit is the P90 of what"
            f" {estimated['blocks']} earlier blocks of five hours cost."
        )
    elif estimated:
        found.append("The limit of five hours is unknown: too few earlier blocks to estimate it.")
    if not report["windows"]:
        found.append(
            "With a subscription, hookmeter hooks install --statusline records how much of both windows is used."
        )
    found += [
        f"At this rate, the {NAMES[window['window']]} are used up at {_local(window['exhausted_at'])}."
        for window in report["windows"]
        if window["exhausted_at"]
    ]
    if report["spent_last_hour_usd"]:
        found.append(
            f"The last hour cost {dollars(report['spent_last_hour_usd'], report['unpriced_tokens_last_hour'])}."
        )
    return [*found, *_unpriced_notes(report)]


def _unpriced_notes(report: QuotaReport) -> list[str]:
    """A note on what the largest of the amounts lacks."""
    lacking = [one["unpriced_tokens"] for one in report["periods"]]
    if estimated := report["estimated"]:
        lacking += estimated["unpriced_tokens"], estimated["limit_unpriced_tokens"]
    return unpriced_note(max(lacking, default=0), "these amounts")


def _rows(report: QuotaReport, now: datetime) -> Iterator[tuple[Cell, ...]]:
    yield from (_window(window, now) for window in report["windows"])
    if report["estimated"]:
        yield _estimated(report["estimated"], now)
    yield from (_period(period, now) for period in report["periods"])


def _window(window: WindowUse, now: datetime) -> tuple[Cell, ...]:
    rate = UNKNOWN if window["per_hour"] is None else f"{window['per_hour']:.1%}/h"
    return (
        NAMES[window["window"]], _share(window["used"]), "100%", _until(window["resets_at"], now), rate,
        _share(window["at_reset"]),
    )  # fmt: skip


def _estimated(block: EstimatedUse, now: datetime) -> tuple[Cell, ...]:
    limit = UNKNOWN if block["limit_usd"] is None else f"~{dollars(block['limit_usd'], block['limit_unpriced_tokens'])}"
    unpriced, ends = block["unpriced_tokens"], _until(block["resets_at"], now)
    at_reset = UNKNOWN if block["at_reset_usd"] is None else dollars(block["at_reset_usd"], unpriced)
    return "5 hours (estimated)", dollars(block["spent_usd"], unpriced), limit, ends, UNKNOWN, at_reset


def _period(period: PeriodUse, now: datetime) -> tuple[Cell, ...]:
    budget = UNKNOWN if period["budget_usd"] is None else dollars(period["budget_usd"])
    spent, forecast = (dollars(period[name], period["unpriced_tokens"]) for name in ("spent_usd", "forecast_usd"))
    return (
        NAMES[period["period"]],
        Styled(spent, _style(period["used"])),
        budget,
        _until(period["ends_at"], now),
        UNKNOWN,
        forecast,
    )


def _share(share: float | None) -> Styled:
    return Styled(UNKNOWN if share is None else f"{share:.0%}", _style(share))


def _style(share: float | None) -> str:
    return "" if share is None or share < NEARLY else "yellow" if share < ALL else "red"


def _until(moment: str, now: datetime) -> str:
    left = datetime.fromisoformat(moment) - now
    return f"{left.days} d {left.seconds // 3600} h" if left.days > 0 else duration(left / timedelta(milliseconds=1))


def _local(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment or '').astimezone():%a %H:%M}"
