"""The processes of a session, each with what it added to the cost-state that it continued."""

from __future__ import annotations

from exporter.counting.processes import FOREVER_US, Lineage, Process
from exporter.model.cost_states import CostState
from exporter.model.records import Usage
from tests.exporter.counting.cost_state_records import HAIKU, OPUS, SECOND_US, state


def processes(
    *states: CostState, session: str = "s", parents: dict[str, str] | None = None, first: float | None = None
) -> list[Process]:
    lineage = Lineage.of(states, parents or {})
    return lineage.processes(session, FOREVER_US if first is None else round(first * SECOND_US))


def added(found: list[Process]) -> list[int | None]:
    """The input tokens that each process added; None where that is unknown."""
    return [process.usage[OPUS].input if process.usage else None for process in found]


def starts(found: list[Process]) -> list[float]:
    return [process.start_us / SECOND_US for process in found]


def test_each_resume_adds_to_what_the_session_had_before() -> None:
    found = processes(state(10, 12, 100), state(100, 20, 150), state(200, 25, 150))
    assert added(found) == [100, 50, 0]
    assert starts(found) == [-2, 92, 195]


def test_a_process_did_not_start_before_the_last_line_of_the_one_that_it_continues() -> None:
    idle = processes(state(10, 12, 100), state(100, 500, 150))
    assert starts(idle) == [-2, 10]


def test_processes_that_resume_a_session_in_parallel_continue_the_same_cost_state() -> None:
    compaction, work = state(110, 15, {OPUS: Usage(101, 500)}), state(120, 30, {OPUS: Usage(160, 10)})
    found = processes(state(10, 10, {OPUS: Usage(100, 10)}), compaction, work)
    assert [process.usage[OPUS] for process in found] == [Usage(100, 10), Usage(1, 490), Usage(60, 0)]
    assert starts(found) == [0, 105, 100]


def test_a_smaller_duration_alone_shows_that_a_process_was_parallel() -> None:
    assert added(processes(state(10, 10, 100), state(110, 20, 150), state(111, 19, 150))) == [100, 50, 50]


def test_any_other_smaller_number_shows_it_too() -> None:
    first = state(10, 10, 100, others=(5, 0))
    second, third = state(110, 20, 150, others=(7, 1)), state(111, 21, 150, others=(8, 0))
    assert added(processes(first, second, third)) == [100, 50, 50]
    fewer_models = state(112, 22, {OPUS: Usage(300)})
    more_models = state(111, 21, {OPUS: Usage(200), HAIKU: Usage(1)})
    assert added(processes(first, more_models, fewer_models)) == [100, 100, 200]


def test_a_process_that_continues_a_parallel_one_continues_that_and_not_the_first() -> None:
    first, one, other = state(10, 10, 100), state(110, 40, 150), state(111, 30, 170)
    assert added(processes(first, one, other, state(200, 50, 160))) == [100, 50, 70, 10]


def test_a_repeated_cost_state_is_of_no_other_process() -> None:
    first = state(10, 10, 100)
    assert added(processes(first, first)) == [100]


def test_a_cost_state_without_its_predecessors_has_what_all_of_them_had() -> None:
    assert added(processes(state(500, 30, 150))) == [150]


def test_a_fork_starts_from_the_total_that_its_parent_had_then() -> None:
    parent = state(10, 10, 100), state(300, 20, 130)
    fork = state(110, 15, 140, session="fork"), state(400, 18, 145, session="fork")
    for parents in ({"fork": "s"}, {"fork": ""}, {}):
        assert added(processes(*parent, *fork, parents=parents)) == [100, 30]
        assert added(processes(*fork, *parent, parents=parents, session="fork", first=105)) == [40, 5]


def test_a_fork_started_before_its_parent_wrote_the_same_total_again() -> None:
    parent = state(10, 10, 100), state(14, 18, 100)  # the second one was written when the parent had ended
    (process,) = processes(*parent, state(20, 19, 140, session="fork"), parents={"fork": "s"}, session="fork", first=15)
    assert (process.start_us, process.usage[OPUS].input) == (11 * SECOND_US, 40)


def test_a_fork_of_a_fork_starts_from_the_total_of_the_closer_one() -> None:
    states = (
        state(10, 10, 100),
        state(110, 15, 140, session="fork"),
        state(150, 40, 120),
        state(210, 41, 160, session="second"),
    )
    parents = {"fork": "s", "second": "fork"}
    assert added(processes(*states, parents=parents, session="second", first=205)) == [20]


def test_a_fork_of_a_fork_that_has_no_cost_state_starts_from_the_total_of_its_grandparent() -> None:
    states = state(10, 10, 100), state(210, 15, 160, session="second")
    parents = {"fork": "s", "second": "fork"}
    assert added(processes(*states, parents=parents, session="second", first=205)) == [60]


def test_what_a_fork_of_an_unknown_session_spent_up_to_its_first_cost_state_is_unknown() -> None:
    fork = state(110, 15, 140, session="fork"), state(400, 18, 145, session="fork")
    assert added(processes(*fork, parents={"fork": "gone"}, session="fork")) == [None, 5]


def test_a_fork_of_a_session_that_had_no_cost_state_starts_from_nothing() -> None:
    fork = state(110, 15, 40, session="fork", started=100)
    assert added(processes(fork, parents={"fork": "killed"}, session="fork")) == [40]


def test_sessions_that_start_in_the_same_millisecond_have_nothing_to_do_with_each_other() -> None:
    states = state(10, 12, 100), state(20, 22, 150, session="other")
    assert added(processes(*states, session="other", first=5)) == [150]


def test_sessions_that_are_each_others_parents_are_read() -> None:
    states = state(110, 15, 140), state(120, 16, 150, session="other")
    assert added(processes(*states, parents={"s": "other", "other": "s"})) == [None]
