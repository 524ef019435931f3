"""What is not itemized of the usage of a session."""

from __future__ import annotations

import pytest

from exporter.counting.messages import CountedMessage
from exporter.counting.processes import Lineage
from exporter.counting.residual import Residual, plain_name, residuals
from exporter.model.cost_states import CostState
from exporter.model.records import NOT_ITEMIZED, Usage
from tests.exporter.counting.cost_state_records import HAIKU, OPUS, SECOND_US, message, state


def left(states: CostState | list[CostState], *messages: CountedMessage, session: str = "s") -> list[Residual]:
    listed = states if isinstance(states, list) else [states]
    return residuals(Lineage.of(listed, {}), session, messages)


def usages(found: list[Residual]) -> list[tuple[str, Usage]]:
    return [(residual.model, residual.usage) for residual in found]


def inputs(found: list[Residual]) -> list[int]:
    return [residual.usage.input for residual in found]


def test_a_session_whose_messages_are_all_that_it_used_has_no_residual() -> None:
    assert left(state(10, 10, 100), message(3, 60), message(10, 40)) == []


def test_the_residual_is_the_difference_of_each_kind_and_model() -> None:
    used = {OPUS: Usage(10, 20, 30, 40, 50, 2), HAIKU: Usage(1, 2)}
    found = left(state(10, 10, used), message(3, Usage(1, 2, 3, 4, 5)), message(4, Usage(1, 2, 3, 4, 5)))
    assert usages(found) == [(HAIKU, Usage(1, 2)), (OPUS, Usage(8, 16, 24, 32, 40, 2))]


def test_no_kind_of_a_residual_is_negative() -> None:
    assert usages(left(state(10, 10, {OPUS: Usage(10, 20)}), message(3, Usage(50, 5)))) == [(OPUS, Usage(0, 15))]


def test_cache_writes_are_compared_as_a_whole_where_only_one_side_has_their_lifetimes() -> None:
    for used, counted in ((Usage(0, 0, 0, 90), Usage(0, 0, 0, 20, 60)), (Usage(0, 0, 0, 0, 90), Usage(0, 0, 0, 80))):
        ((_, usage),) = usages(left(state(10, 10, {OPUS: used}), message(3, counted)))
        assert usage.cache_write_5m + usage.cache_write_1h == 10


@pytest.mark.parametrize(
    ("requested", "named"),
    [
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("claude-sonnet-4-6[1m]", "claude-sonnet-4-6"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("claude-opus-4-5@20251101", "claude-opus-4-5-20251101"),
    ],
)
def test_a_model_is_the_same_whether_requested_or_named_by_a_message(requested: str, named: str) -> None:
    assert plain_name(requested) == plain_name(named)
    assert usages(left(state(10, 10, {requested: Usage(100)}), message(3, 60, model=named))) == [(named, Usage(40))]
    assert usages(left(state(10, 10, {requested: Usage(100)}))) == [(requested, Usage(100))]


def test_what_one_model_was_requested_for_by_two_names_is_added_up() -> None:
    used = {"claude-opus-4-6[1m]": Usage(100), OPUS: Usage(10)}
    assert usages(left(state(10, 10, used), message(3, 60))) == [(OPUS, Usage(50))]


def test_each_process_has_a_residual_of_its_own() -> None:
    states = [state(10, 10, 100), state(100, 15, 150), state(200, 20, 190)]
    found = left(states, message(5, 70), message(98, 50), message(198, 30))
    assert [(residual.state, residual.usage.input) for residual in found] == [(states[0], 30), (states[2], 10)]


def test_the_messages_of_a_killed_process_are_no_part_of_any_other() -> None:
    states = [state(10, 10, 100), state(100, 20, 150)]
    assert inputs(left(states, message(5, 100), message(60, 500), message(95, 20))) == [30]
    assert inputs(left(states, message(5, 70), message(95, 50), message(101, 500))) == [30]


def test_messages_of_parallel_processes_are_subtracted_from_what_both_used() -> None:
    states = [state(10, 10, {OPUS: Usage(100)}), state(110, 15, {OPUS: Usage(101, 500)}), state(120, 30, 160)]
    work = [message(time, 10) for time in (101, 103, 105.5, 107, 112, 119)]
    assert usages(left(states, message(5, 100), *work)) == [(OPUS, Usage(1, 500))]


def test_a_sub_agent_that_runs_until_the_end_is_covered_although_it_is_later_than_the_main_transcript() -> None:
    states = [state(10, 30, 100), state(100, 35, 150)]
    late = message(25, 60, agent="Explore")
    assert inputs(left(states, message(9, 40), late, message(98, 50))) == []
    assert inputs(left(states, message(9, 40), message(98, 50), message(120, 60, agent="Explore"))) == [60]


def test_a_sub_agent_of_a_later_process_is_not_covered() -> None:
    killed = message(50, 10), message(52, 60, agent="Explore")
    assert inputs(left(state(10, 30, 100), message(9, 40), *killed)) == [60]


def test_it_depends_on_no_line_after_the_last_message_that_is_covered() -> None:
    (residual,) = left(state(10, 30, 100), message(9, 40), message(25, 10, agent="Explore"), message(50, 10))
    assert residual.last_us == 25 * SECOND_US
    (residual,) = left(state(10, 30, 100), message(9, 40))
    assert residual.last_us == 10 * SECOND_US


def test_a_copy_of_a_message_of_another_session_is_not_covered() -> None:
    assert inputs(left(state(10, 10, 100), message(3, 60, copied=True), message(5, 10))) == [90]


def test_searches_that_a_tool_reported_are_no_residual_whatever_model_they_were_attributed_to() -> None:
    searches = message(5, Usage(web_searches=2), agent=NOT_ITEMIZED)
    used = {HAIKU: Usage(9_000, web_searches=3), OPUS: Usage(100)}
    found = left(state(10, 10, used), message(3, 100), searches)
    assert usages(found) == [(HAIKU, Usage(9_000, web_searches=1))]


def test_searches_after_a_cost_state_are_no_part_of_it() -> None:
    searches = message(15, Usage(web_searches=2), agent=NOT_ITEMIZED)
    assert usages(left(state(10, 10, {OPUS: Usage(1, web_searches=2)}), searches)) == [(OPUS, Usage(1, web_searches=2))]


def test_a_process_without_a_message_has_a_residual() -> None:
    assert usages(left(state(10, 10, {OPUS: Usage(6, 5_000, 150_000)}))) == [(OPUS, Usage(6, 5_000, 150_000))]


def test_a_process_that_used_nothing_has_no_residual() -> None:
    assert left([state(10, 10, 100), state(10, 11, 100)], message(3, 100)) == []
