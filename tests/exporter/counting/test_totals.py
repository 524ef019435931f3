"""Label values beyond the limit: what counts as `other`, and the overflow counter."""

from __future__ import annotations

import pytest

from exporter.counting.catalog import (
    COST,
    LABEL_OVERFLOW,
    METRICS,
    SESSIONS_STARTED,
    TOKENS,
    TOOL_CALLS,
    TOOL_ERRORS,
    Counter,
)
from exporter.counting.spending import Spending
from exporter.counting.totals import Increments, Totals
from exporter.model.records import MAIN_AGENT, ApiMessage, Outcome, Usage
from exporter.prices.table import Cost

LIMIT = 2


def overflow(increments: Increments) -> dict[str, int]:
    """The number of events counted as `other`, by label."""
    return {labels[0]: times for (name, labels), times in increments.counters.items() if name == LABEL_OVERFLOW.name}


def call(increments: Increments, tool: str, agent: str = MAIN_AGENT, times: int = 1) -> None:
    """Count failed calls, which are in two counters."""
    increments.count(TOOL_CALLS, (tool, agent, Outcome.ERROR), times)
    increments.count(TOOL_ERRORS, (tool, "timeout"), times)


def message(key: int, project: str, usage: Usage) -> ApiMessage:
    return ApiMessage(key, 0, f"model-{key}", f"agent-{key}", project, "session", usage)


def no_price(_: ApiMessage) -> None:
    return None


def test_within_the_limit_nothing_is_folded() -> None:
    increments = Increments()
    for tool in ("a", "b", "a"):
        call(increments, tool)
    bounded = Totals(LIMIT).bounded(increments)
    assert bounded.counters == increments.counters
    assert overflow(bounded) == {}


def test_a_failed_call_is_one_event_although_it_is_in_two_counters() -> None:
    increments = Increments()
    for tool in ("a", "b", "c", "d", "c"):
        call(increments, tool)
    assert overflow(Totals(LIMIT).bounded(increments)) == {"tool": 3}


def test_an_event_counts_once_for_each_label_that_overflows() -> None:
    increments = Increments()
    for number in range(5):
        call(increments, f"tool-{number}", f"agent-{number}", times=10)
    increments.count(SESSIONS_STARTED, ("shop",))
    assert overflow(Totals(LIMIT).bounded(increments)) == {"tool": 30, "agent": 30}


def test_messages_count_by_their_number_and_not_by_their_tokens() -> None:
    spending = Spending(Increments())
    for key in range(5):
        for tokens in (1_000, 2_000, 2_000):  # a later line with more usage, and a repeated one
            spending.count_line(message(key, "shop", Usage(tokens, tokens)), lambda _: Cost(7_000_000, 5, 3), {})
    bounded = Totals(LIMIT).bounded(spending.increments)
    assert overflow(bounded) == {"model": 3, "agent": 3}
    assert bounded.counters[TOKENS.name, ("other", "input", "other", "shop")] == 6_000
    assert bounded.counters[COST.name, ("other", "other", "shop")] == 21_000_000


def test_the_overflow_does_not_depend_on_the_batches() -> None:
    totals, numbers = Totals(LIMIT), []
    messages = [message(key, f"project-{key % 4}", Usage(10, 10)) for key in range(12)]
    whole, merged = Spending(Increments()), Increments()
    for each in messages:
        part = Spending(Increments())
        part.count_line(each, no_price, {})
        whole.count_line(each, no_price, {})
        numbers.append(overflow(totals.bounded(part.increments)))
        merged.merge(part.increments)
    expected = {"model": 10, "agent": 10, "project": 6}
    assert {label: sum(each.get(label, 0) for each in numbers) for label in expected} == expected
    assert overflow(Totals(LIMIT).bounded(whole.increments)) == expected
    assert overflow(Totals(LIMIT).bounded(merged)) == expected


def test_a_value_with_the_name_other_is_no_overflow() -> None:
    increments = Increments()
    for tool in ("other", "a", "other"):
        call(increments, tool)
    totals = Totals(LIMIT)
    assert overflow(totals.bounded(increments)) == {}
    assert totals.label_values["tool"] == {"other", "a"}


def test_a_value_that_occurs_only_in_a_counter_of_amounts_is_no_overflow() -> None:
    increments = Increments()
    for number in range(4):
        increments.count(TOKENS, ("model", "input", "main", f"project-{number}"), 1_000)
    bounded = Totals(LIMIT).bounded(increments)
    assert bounded.counters[TOKENS.name, ("model", "input", "main", "other")] == 2_000
    assert overflow(bounded) == {}


@pytest.mark.parametrize("label", sorted({label for metric in METRICS.values() for label in metric.unbounded}))
def test_every_unbounded_label_has_an_overflow_series_from_the_start(label: str) -> None:
    assert (label,) in LABEL_OVERFLOW.initial
    labels = {
        one for metric in METRICS.values() if isinstance(metric, Counter) and metric.events for one in metric.unbounded
    }
    assert label in labels | {"model"}  # which only messages have
