"""Quotas and budgets: reported windows, estimated ones, and forecasts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exporter.counting.block_costs import MIN_BLOCKS, Block, block_costs, estimated_limit
from exporter.counting.budgets import NO_BUDGETS, Budgets, SpentBySlot
from exporter.counting.messages import SLOT_US
from exporter.model.money import PICODOLLARS
from exporter.reports.quota_report import quota_report
from exporter.sources.quotas import Quota
from tests.support.zones import zone

HOUR_US = 3_600_000_000
NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
NOW_US = round(NOW.timestamp()) * 1_000_000
DAY_US = 24 * HOUR_US


def slots(*spent: tuple[float, float]) -> SpentBySlot:
    """Dollars by hours before now."""
    return SpentBySlot({round((NOW_US - hours * HOUR_US) // SLOT_US): round(usd * PICODOLLARS) for hours, usd in spent})


def reported(used: float, resets_in: float, seen_ago: float = 0) -> Quota:
    """A quota, with times in hours."""
    return Quota(used, NOW_US + round(resets_in * HOUR_US), NOW_US - round(seen_ago * HOUR_US))


class TestReportedWindows:
    def test_the_projection_is_that_of_the_rate_since_the_window_began(self) -> None:
        report = quota_report({"five_hour": reported(0.4, 3)}, slots(), NO_BUDGETS, NOW_US)
        (window,) = report["windows"]
        assert window == {
            "window": "five_hour",
            "used": 0.4,
            "resets_at": "2026-11-10T15:00:00+00:00",
            "seen_at": "2026-11-10T12:00:00+00:00",
            "per_hour": pytest.approx(0.2),
            "at_reset": pytest.approx(1.0),
            "exhausted_at": None,
        }
        assert report["estimated"] is None

    def test_a_window_that_will_be_exhausted_before_its_reset_says_when(self) -> None:
        (window,) = quota_report({"five_hour": reported(0.8, 3)}, slots(), NO_BUDGETS, NOW_US)["windows"]
        assert window["at_reset"] == pytest.approx(2.0)
        assert window["exhausted_at"] == "2026-11-10T12:30:00+00:00"

    def test_a_window_that_is_exhausted_has_been_so_since_the_report(self) -> None:
        (window,) = quota_report({"five_hour": reported(1.2, 3, 0.5)}, slots(), NO_BUDGETS, NOW_US)["windows"]
        assert window["exhausted_at"] == window["seen_at"] == "2026-11-10T11:30:00+00:00"

    def test_an_old_report_is_projected_from_its_own_time(self) -> None:
        (window,) = quota_report({"seven_day": reported(0.5, 60, 24)}, slots(), NO_BUDGETS, NOW_US)["windows"]
        assert window["at_reset"] == pytest.approx(1.0)

    @pytest.mark.parametrize("resets_in", [4.9, 5.1, 400])
    def test_a_window_that_has_just_begun_has_no_projection(self, resets_in: float) -> None:
        (window,) = quota_report({"five_hour": reported(0.1, resets_in)}, slots(), NO_BUDGETS, NOW_US)["windows"]
        assert (window["per_hour"], window["at_reset"], window["exhausted_at"]) == (None, None, None)


class TestEstimates:
    PAST = tuple((24.0 * day, float(day)) for day in range(1, 11))  # ten blocks of 1 to 10 dollars

    def test_the_limit_is_the_p90_of_earlier_blocks(self) -> None:
        estimated = quota_report({}, slots((1.5, 3), (0.25, 1.5), *self.PAST), NO_BUDGETS, NOW_US)["estimated"]
        assert estimated == {
            "starts_at": "2026-11-10T10:00:00+00:00",
            "resets_at": "2026-11-10T15:00:00+00:00",
            "spent_usd": 4.5,
            "unpriced_tokens": 0,
            "limit_usd": 9.0,
            "limit_unpriced_tokens": 0,
            "used": 0.5,
            "at_reset_usd": 11.25,
            "blocks": 10,
        }

    def test_it_is_unknown_with_too_few_blocks(self) -> None:
        estimated = quota_report({}, slots((1, 3), (24, 1)), NO_BUDGETS, NOW_US)["estimated"]
        assert estimated
        assert (estimated["limit_usd"], estimated["used"], estimated["blocks"]) == (None, None, 1)

    def test_without_use_there_is_no_block(self) -> None:
        assert quota_report({}, slots(*self.PAST), NO_BUDGETS, NOW_US)["estimated"] is None

    def test_a_reported_week_does_not_replace_the_estimate_of_five_hours(self) -> None:
        report = quota_report({"seven_day": reported(0.5, 60)}, slots((1, 3), *self.PAST), NO_BUDGETS, NOW_US)
        assert [window["window"] for window in report["windows"]] == ["seven_day"]
        assert report["estimated"]

    def test_a_block_begins_at_the_hour_of_its_first_use_and_lasts_five_hours(self) -> None:
        start = NOW_US // HOUR_US * 4
        spent = {start + 3: 1, start + 19: 2, start + 20: 4, start + 41: 8}
        assert block_costs(SpentBySlot(spent)) == [
            Block(NOW_US, 3),
            Block(NOW_US + 5 * HOUR_US, 4),
            Block(NOW_US + 10 * HOUR_US, 8),
        ]

    def test_a_block_begins_with_the_use_of_a_model_without_a_price_too(self) -> None:
        start = NOW_US // SLOT_US
        spent = SpentBySlot({start + 8: 5, start + 40: 0}, {start + 3: 70, start + 8: 10, start + 60: 20})
        assert block_costs(spent) == [Block(NOW_US, 5, 80), Block(NOW_US + 15 * HOUR_US, 0, 20)]

    def test_the_estimate_says_what_it_lacks_and_counts_no_block_of_unknown_cost(self) -> None:
        unpriced = slots((1, 0), (24, 0), (30 * 24, 0)).costs
        spent = SpentBySlot(slots(*self.PAST).costs, dict.fromkeys(unpriced, 70))
        estimated = quota_report({}, spent, NO_BUDGETS, NOW_US)["estimated"]
        assert estimated
        assert (estimated["starts_at"], estimated["blocks"]) == ("2026-11-10T11:00:00+00:00", 10)
        assert (estimated["limit_usd"], estimated["limit_unpriced_tokens"]) == (9.0, 140)
        amounts = (estimated["spent_usd"], estimated["used"], estimated["at_reset_usd"])
        assert (amounts, estimated["unpriced_tokens"]) == ((None, None, None), 70)

    def test_the_quantile_is_a_cost_of_a_block(self) -> None:
        assert estimated_limit([Block(0, cost) for cost in range(1, 21)]) == 18
        assert estimated_limit([Block(0, 7)] * MIN_BLOCKS) == 7
        assert estimated_limit([Block(0, 7)] * (MIN_BLOCKS - 1)) is None


class TestPeriods:
    def test_budgets_and_forecasts_are_of_the_calendar_day_and_month(self) -> None:
        budgets = Budgets(day=4 * PICODOLLARS, month=90 * PICODOLLARS)
        with zone("UTC"):
            day, month = quota_report({}, slots((2, 3), (30, 16)), budgets, NOW_US)["periods"]
        assert day == {
            "period": "day",
            "ends_at": "2026-11-11T00:00:00+00:00",
            "spent_usd": 3.0,
            "unpriced_tokens": 0,
            "budget_usd": 4.0,
            "used": 0.75,
            "forecast_usd": 6.0,
        }
        assert (month["period"], month["spent_usd"], month["budget_usd"]) == ("month", 19.0, 90.0)
        assert month["forecast_usd"] == pytest.approx(60.0)

    def test_the_first_hour_of_a_day_counts_as_a_whole_one(self) -> None:
        midnight_us = NOW_US // DAY_US * DAY_US
        spent = SpentBySlot({midnight_us // SLOT_US: PICODOLLARS})
        with zone("UTC"):
            day, _ = quota_report({}, spent, NO_BUDGETS, midnight_us + 60_000_000)["periods"]
        assert (day["spent_usd"], day["forecast_usd"], day["budget_usd"], day["used"]) == (1.0, 24.0, None, None)

    def test_the_burn_rate_is_the_cost_of_the_last_hour(self) -> None:
        assert quota_report({}, slots((2, 3), (0.75, 2), (0, 1)), NO_BUDGETS, NOW_US)["spent_last_hour_usd"] == 3.0

    def test_amounts_say_which_tokens_they_lack_and_are_unknown_without_any_price(self) -> None:
        unpriced = dict.fromkeys(slots((1, 0), (3, 0), (30, 0)).costs, 70)
        with zone("UTC"):
            some = quota_report({}, SpentBySlot(slots((1, 3)).costs, unpriced), NO_BUDGETS, NOW_US)
            none = quota_report({}, SpentBySlot({}, unpriced), Budgets(day=PICODOLLARS), NOW_US)
        assert some["estimated"]
        assert (some["estimated"]["spent_usd"], some["estimated"]["unpriced_tokens"]) == (3.0, 140)
        assert (some["spent_last_hour_usd"], some["unpriced_tokens_last_hour"]) == (3.0, 70)
        assert [(one["spent_usd"], one["unpriced_tokens"]) for one in some["periods"]] == [(3.0, 140), (3.0, 210)]
        assert none["spent_last_hour_usd"] is None
        assert none["estimated"]
        assert (none["estimated"]["spent_usd"], none["estimated"]["unpriced_tokens"]) == (None, 140)
        assert {(one["spent_usd"], one["used"], one["forecast_usd"]) for one in none["periods"]} == {(None, None, None)}


def test_nothing_changes_within_a_minute() -> None:
    spent = slots((1, 3), *TestEstimates.PAST)
    reports = [quota_report({}, spent, NO_BUDGETS, NOW_US + second * 1_000_000) for second in (0, 59)]
    assert reports[0] == reports[1]
