"""Spending of today and this month, in time zones with days of more or less than 24 hours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exporter.counting.budgets import (
    NO_BUDGETS,
    Budgets,
    Period,
    day_ends_us,
    spent_this_month,
    spent_today,
    this_day,
    this_month,
)
from exporter.counting.messages import SLOT_US
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.clock import EPOCH, from_us
from exporter.model.money import PICODOLLARS
from exporter.serving.pages import TEXT, Pages
from tests.support.page import samples_of
from tests.support.transcript_lines import SLUG, assistant_line, usage, write
from tests.support.zones import zone

QUARTERS = 4  # of an hour

DAYS = [
    # (zone, start of the day, end of the day, both in UTC)
    ("UTC", "2026-11-22T00:00Z", "2026-11-23T00:00Z"),
    ("UTC", "2028-02-29T00:00Z", "2028-03-01T00:00Z"),
    ("UTC", "2026-12-31T00:00Z", "2027-01-01T00:00Z"),
    ("Europe/Berlin", "2026-01-14T23:00Z", "2026-01-15T23:00Z"),
    ("Europe/Berlin", "2026-07-14T22:00Z", "2026-07-15T22:00Z"),
    ("Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # 23 hours
    ("Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # 25 hours
    ("America/New_York", "2026-03-08T05:00Z", "2026-03-09T04:00Z"),  # 23 hours
    ("America/New_York", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),  # 25 hours
    ("Asia/Kolkata", "2026-11-21T18:30Z", "2026-11-22T18:30Z"),
    ("Asia/Kathmandu", "2026-11-21T18:15Z", "2026-11-22T18:15Z"),
    ("Pacific/Chatham", "2026-11-21T10:15Z", "2026-11-22T10:15Z"),
    ("Australia/Lord_Howe", "2026-10-03T13:30Z", "2026-10-04T13:00Z"),  # 23 hours and a half
    ("America/Havana", "2026-03-08T05:00Z", "2026-03-09T04:00Z"),  # there is no midnight: the day starts at 01:00
    (
        "America/Havana",
        "2026-11-01T04:00Z",
        "2026-11-02T05:00Z",
    ),  # there are two midnights: the day starts at the first
    ("America/Santiago", "2026-09-06T04:00Z", "2026-09-07T03:00Z"),
    ("America/Santiago", "2026-04-04T03:00Z", "2026-04-05T04:00Z"),  # the last hour is repeated
]
MONTHS = [
    # (zone, a time of the last day in UTC, hours of the month)
    ("UTC", "2026-02-28T12:00Z", 28 * 24),
    ("UTC", "2028-02-29T12:00Z", 29 * 24),
    ("UTC", "2026-04-30T23:59Z", 30 * 24),
    ("UTC", "2026-12-31T00:00Z", 31 * 24),
    ("Europe/Berlin", "2026-03-31T12:00Z", 31 * 24 - 1),
    ("Europe/Berlin", "2026-10-31T22:59Z", 31 * 24 + 1),
    ("Europe/Berlin", "2026-12-31T22:59Z", 31 * 24),
    ("America/New_York", "2026-12-01T04:59Z", 30 * 24 + 1),
    ("Asia/Kathmandu", "2026-02-28T18:14Z", 28 * 24),
    ("Pacific/Chatham", "2026-09-30T10:14Z", 30 * 24 - 1),
]


def us(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def one_per_slot(start_us: int, end_us: int) -> dict[int, int]:
    """A picodollar in every quarter of an hour, from some days before to some days after."""
    margin = 3 * 24 * 3600 * 1_000_000
    return dict.fromkeys(range((start_us - margin) // SLOT_US, (end_us + margin) // SLOT_US), 1)


@pytest.mark.parametrize(("name", "start", "end"), DAYS)
def test_today_is_the_calendar_day_of_any_length(name: str, start: str, end: str) -> None:
    start_us, end_us = us(start), us(end)
    slots = one_per_slot(start_us, end_us)
    with zone(name):
        for now_us in (start_us, (start_us + end_us) // 2, end_us - 1):
            assert this_day(now_us) == Period(start_us, end_us)
            assert spent_today(slots, now_us) * SLOT_US == end_us - start_us
        assert from_us(day_ends_us(start_us - 1)) == from_us(start_us)
        assert day_ends_us(end_us) > end_us


@pytest.mark.parametrize(("name", "start", "end"), DAYS)
def test_every_quarter_of_an_hour_belongs_to_one_day(name: str, start: str, end: str) -> None:
    first, next_day = us(start) // SLOT_US, us(end) // SLOT_US
    around = {first - 1: 1, first: 10, next_day - 1: 100, next_day: 1_000}
    with zone(name):
        assert spent_today(around, us(start)) == 110
        assert spent_today(around, us(start) - 1) == 1
        assert spent_today(around, us(end)) == 1_000


@pytest.mark.parametrize(("name", "now", "hours"), MONTHS)
def test_this_month_is_the_calendar_month_of_any_length(name: str, now: str, hours: int) -> None:
    with zone(name):
        end_us = day_ends_us(us(now))
        start_us = end_us - hours * 3600 * 1_000_000
        slots = one_per_slot(start_us, end_us)
        assert spent_this_month(slots, us(now)) == hours * QUARTERS
        assert this_month(us(now)) == this_month(start_us) == Period(start_us, end_us)
        assert this_month(end_us).start_us == end_us
        assert spent_this_month({start_us // SLOT_US - 1: 1, end_us // SLOT_US: 1}, us(now)) == 0
        assert spent_this_month({start_us // SLOT_US: 1, end_us // SLOT_US: 10}, end_us) == 10


def test_future_spending_is_not_included() -> None:
    with zone("UTC"):
        slots = {us("2026-11-23T00:00Z") // SLOT_US: 1}
        assert spent_this_month(slots, us("2026-11-22T23:59Z")) == 0
        assert spent_this_month(slots, us("2026-11-23T00:00Z")) == 1


class Place:
    """Transcripts with a meter, and a clock that tests set."""

    def __init__(self, directory: Path) -> None:
        self.now = "2025-11-30T22:30Z"  # 23:30 in Berlin
        self._directory = directory

    def spend(self, number: int, at: str) -> None:
        """Write a message that costs five dollars."""
        path = self._directory / "projects" / SLUG / "a.jsonl"
        tokens = 500_000  # above 200,000, they cost twice as much at that time
        write(path, assistant_line(number, usage(tokens, 0), timestamp=at))

    @contextmanager
    def meter(self, budgets: Budgets = NO_BUDGETS) -> Iterator[Meter]:
        with open_ledger(self._directory / "data", 200) as ledger:
            roots = [str(self._directory / "projects")]
            meter = Meter([], ledger, lambda: us(self.now), transcript_roots=roots, budgets=budgets)
            meter.catch_up()
            yield meter


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with zone("Europe/Berlin"):
        yield Place(tmp_path)


def periods(pages: Pages, metric: str) -> dict[str, float]:
    """The values of a metric on the page, by period."""
    page = samples_of(pages.page(TEXT).plain.decode())
    return {dict(labels)["period"]: value for (name, labels), value in page.items() if name == metric}


def test_spending_on_the_page_resets_at_midnight_even_if_nothing_is_logged(place: Place) -> None:
    place.spend(1, "2025-11-29T22:59:59Z")
    place.spend(2, "2025-11-29T23:00:00Z")
    place.spend(3, "2025-11-30T22:29:00Z")
    place.spend(4, "2025-10-31T22:59:59Z")
    with place.meter() as meter:
        pages = Pages(meter)
        assert periods(pages, "claude_spent_usd") == {"day": 10, "month": 15}
        place.now = "2025-11-30T22:59:59.999999Z"
        assert periods(pages, "claude_spent_usd") == {"day": 10, "month": 15}
        place.now = "2025-11-30T23:00Z"
        assert periods(pages, "claude_spent_usd") == {"day": 0, "month": 0}
        place.spend(5, "2025-11-30T23:00:00Z")
        place.spend(6, "2025-11-30T22:59:59Z")  # yesterday's, read today
        meter.catch_up()
        assert periods(pages, "claude_spent_usd") == {"day": 5, "month": 5}
        place.now = "2025-12-01T23:00Z"
        assert periods(pages, "claude_spent_usd") == {"day": 0, "month": 5}


def test_the_spending_of_a_whole_month_is_restored_after_a_restart(place: Place) -> None:
    place.now = "2025-12-31T22:59Z"
    place.spend(1, "2025-11-30T23:00:00Z")
    place.spend(2, "2025-11-30T22:59:59Z")
    place.spend(3, "2025-12-31T12:00:00Z")
    for _ in range(2):
        with place.meter() as meter:
            assert periods(Pages(meter), "claude_spent_usd") == {"day": 5, "month": 10}


def test_a_meter_that_runs_for_months_keeps_only_the_spending_that_budgets_need(place: Place) -> None:
    first = datetime.fromisoformat("2025-09-01T12:00+00:00")
    with place.meter() as meter:
        for day in range(91):
            moment = first + timedelta(days=day)
            place.now = moment.isoformat()
            place.spend(day, place.now)
            meter.catch_up()
        assert periods(Pages(meter), "claude_spent_usd") == {"day": 5, "month": 5 * 30}
        assert len(meter.ledger.state.spent) <= 34


@pytest.mark.parametrize(
    ("budgets", "shown"),
    [
        (NO_BUDGETS, {}),
        (Budgets(day=12 * PICODOLLARS + PICODOLLARS // 2), {"day": 12.5}),
        (Budgets(month=300 * PICODOLLARS), {"month": 300}),
        (Budgets(1, 2), {"day": 1e-12, "month": 2e-12}),
    ],
)
def test_a_budget_is_exported_if_it_is_configured(place: Place, budgets: Budgets, shown: dict[str, float]) -> None:
    with place.meter(budgets) as meter:
        assert periods(Pages(meter), "claude_budget_usd") == shown
        assert periods(Pages(meter), "claude_spent_usd") == {"day": 0, "month": 0}
