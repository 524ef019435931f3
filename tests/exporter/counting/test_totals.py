"""Labels past their limit: what counts as `other`, and how many events did."""

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
    """How many events counted as `other`, by the label."""
    return {labels[0]: times for (name, labels), times in increments.counters.items() if name == LABEL_OVERFLOW.name}


def call(increments: Increments, tool: str, agent: str = MAIN_AGENT, times: int = 1) -> None:
    """Calls that failed: they stand in two counters."""
    increments.count(TOOL_CALLS, (tool, agent, Outcome.ERROR), times)
    increments.count(TOOL_ERRORS, (tool, "timeout"), times)


def message(key: int, project: str, usage: Usage) -> ApiMessage:
    return ApiMessage(key, 0, f"model-{key}", f"agent-{key}", project, "session", usage)


def test_within_the_limit_nothing_is_folded() -> None:
    increments = Increments()
    for tool in ("a", "b", "a"):
        call(increments, tool)
    bounded = Totals(LIMIT).bounded(increments)
    assert bounded.counters == increments.counters
    assert overflow(bounded) == {}


def test_a_call_that_failed_is_one_event_though_two_counters_tell_of_it() -> None:
    increments = Increments()
    for tool in ("a", "b", "c", "d", "c"):
        call(increments, tool)
    assert overflow(Totals(LIMIT).bounded(increments)) == {"tool": 3}


def test_an_event_counts_under_each_label_by_which_it_is_folded() -> None:
    increments = Increments()
    for number in range(5):
        call(increments, f"tool-{number}", f"agent-{number}", times=10)
    increments.count(SESSIONS_STARTED, ("shop",))
    assert overflow(Totals(LIMIT).bounded(increments)) == {"tool": 30, "agent": 30}


def test_of_amounts_the_messages_count_and_not_what_they_amount_to() -> None:
    spending = Spending(Increments())
    for key in range(5):
        for tokens in (1_000, 2_000, 2_000):  # a later line that says more, and one that says the same
            spending.count_line(message(key, "shop", Usage(tokens, tokens)), Cost(7_000_000, 5, 3), {})
    bounded = Totals(LIMIT).bounded(spending.increments)
    assert overflow(bounded) == {"model": 3, "agent": 3}
    assert bounded.counters[TOKENS.name, ("other", "input", "other", "shop")] == 6_000
    assert bounded.counters[COST.name, ("other", "other", "shop")] == 21_000_000


def test_however_messages_are_parted_into_batches_as_many_overflow() -> None:
    totals, numbers = Totals(LIMIT), []
    messages = [message(key, f"project-{key % 4}", Usage(10, 10)) for key in range(12)]
    whole, merged = Spending(Increments()), Increments()
    for each in messages:
        part = Spending(Increments())
        part.count_line(each, None, {})
        whole.count_line(each, None, {})
        numbers.append(overflow(totals.bounded(part.increments)))
        merged.merge(part.increments)
    expected = {"model": 10, "agent": 10, "project": 6}
    assert {label: sum(each.get(label, 0) for each in numbers) for label in expected} == expected
    assert overflow(Totals(LIMIT).bounded(whole.increments)) == expected
    assert overflow(Totals(LIMIT).bounded(merged)) == expected


def test_a_value_that_is_called_other_is_itself() -> None:
    increments = Increments()
    for tool in ("other", "a", "other"):
        call(increments, tool)
    totals = Totals(LIMIT)
    assert overflow(totals.bounded(increments)) == {}
    assert totals.label_values["tool"] == {"other", "a"}


def test_what_a_counter_of_amounts_alone_brings_is_folded_silently() -> None:
    increments = Increments()
    for number in range(4):
        increments.count(TOKENS, ("model", "input", "main", f"project-{number}"), 1_000)
    bounded = Totals(LIMIT).bounded(increments)
    assert bounded.counters[TOKENS.name, ("model", "input", "main", "other")] == 2_000
    assert overflow(bounded) == {}


@pytest.mark.parametrize("label", sorted({label for metric in METRICS.values() for label in metric.unbounded}))
def test_every_label_from_the_logs_has_its_overflow_on_the_page_from_the_start(label: str) -> None:
    assert (label,) in LABEL_OVERFLOW.initial
    tells = {
        one for metric in METRICS.values() if isinstance(metric, Counter) and metric.events for one in metric.unbounded
    }
    assert label in tells | {"model"}  # which only messages have
