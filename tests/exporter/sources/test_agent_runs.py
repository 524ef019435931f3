"""Runs of sub-agents: by hooks, by transcripts, and by both."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.model.records import PROCESS_END, HookRecord, Outcome, Phase, Prompt, PromptSource, TaskEnd
from exporter.sources.pairing import Pairing

SECOND = 1_000_000
LATER_US = 10**9
KILLED = (TaskEnd("x", Outcome.INTERRUPTED),)
Ended = tuple[str, str, float | None]  # type, outcome, seconds


def event(name: str, at: float, agent_id: str = "", **more: Any) -> HookRecord:
    agent = "Explore" if agent_id else "main"
    return HookRecord(Phase.EVENT, name, "s", round(at * SECOND), agent_id=agent_id, agent=agent, **more)


def started(at: float, agent_id: str = "x") -> HookRecord:
    return event("SubagentStart", at, agent_id)


def stopped(at: float, agent_id: str = "x", **more: Any) -> HookRecord:
    return event("SubagentStop", at, agent_id, **more)


def notified(at: float, *ends: TaskEnd) -> HookRecord:
    return event("UserPromptSubmit", at, prompt=Prompt(PromptSource.TASK_NOTIFICATION), task_ends=ends)


def call(at: float, call_id: str, tool: str = "Bash", agent_id: str = "", **more: Any) -> HookRecord:
    agent = "Explore" if agent_id else "main"
    return HookRecord(Phase.START, "PreToolUse", "s", round(at * SECOND), tool, call_id, agent_id, agent, **more)


def returned(at: float, call_id: str, tool: str = "Bash", **more: Any) -> HookRecord:
    return HookRecord(Phase.END, "", "s", round(at * SECOND), tool, call_id, outcome=Outcome.SUCCESS, **more)


def by_hooks(*records: HookRecord, into: Pairing | None = None) -> Pairing:
    pairing = into or Pairing()
    for record in records:
        pairing.apply(record)
    return pairing


def by_transcripts(*records: HookRecord, into: Pairing | None = None) -> Pairing:
    pairing = into or Pairing()
    for record in records:
        pairing.apply_transcript(record, 0)
    return pairing


def counted(pairing: Pairing) -> list[str]:
    """The types of sub-agents whose runs have started."""
    return [run.agent for run in pairing.runs.started]


def ended(pairing: Pairing) -> list[Ended]:
    """The runs that have ended once all is settled."""
    pairing.settle(LATER_US)
    return [
        (run.agent, run.outcome.value, None if run.duration_us is None else run.duration_us / SECOND)
        for run in pairing.runs.ended
    ]


def outcomes(pairing: Pairing) -> dict[str, str]:
    """The outcomes of the calls by tool once all is settled."""
    pairing.settle(LATER_US)
    return {ended.tool: ended.outcome.value for ended in pairing.calls}


class TestHooks:
    def test_a_run_lasts_from_its_start_to_its_stop_however_long_the_launch_took(self) -> None:
        pairing = by_hooks(
            call(1, "a", "Agent"), returned(1.01, "a", "Agent", background_agent="x"), started(1.02), stopped(6)
        )
        assert counted(pairing) == ["Explore"]
        assert ended(pairing) == [("Explore", "success", 4.98)]

    def test_a_run_is_running_until_its_stop(self) -> None:
        assert [run.agent for run in by_hooks(started(1)).runs.running] == ["Explore"]
        assert by_hooks(started(1), stopped(2)).runs.running == []

    def test_a_resumed_sub_agent_has_two_runs(self) -> None:
        pairing = by_hooks(started(1), stopped(3), started(10), stopped(15))
        assert len(pairing.runs.started) == 2
        assert ended(pairing) == [("Explore", "success", 2), ("Explore", "success", 5)]

    def test_a_run_that_an_api_error_ends_has_failed(self) -> None:
        assert ended(by_hooks(started(1), event("StopFailure", 2, "x"))) == [("Explore", "error", 1)]
        assert ended(by_hooks(started(1), event("StopFailure", 2))) == []

    def test_a_stopped_sub_agents_calls_end_with_it(self) -> None:
        pairing = by_hooks(
            started(1), call(2, "b", agent_id="x"), call(3, "s", "TaskStop"),
            returned(4, "s", "TaskStop", task_ends=KILLED), notified(5, *KILLED),
        )  # fmt: skip
        assert outcomes(pairing) == {"TaskStop": "success", "Bash": "interrupted"}
        assert ended(pairing) == [("Explore", "interrupted", 3)]

    @pytest.mark.parametrize(("outcome", "runs"), [(Outcome.ERROR, 1), (Outcome.INTERRUPTED, 1), (Outcome.SUCCESS, 0)])
    def test_a_notification_ends_a_run_unless_it_is_one_of_success_which_a_hook_has_reported(
        self, outcome: Outcome, runs: int
    ) -> None:
        assert len(ended(by_hooks(started(1), notified(5, TaskEnd("x", outcome))))) == runs
        assert ended(by_hooks(started(1), notified(5, TaskEnd("y", outcome)))) == []

    def test_an_interrupted_turn_ends_the_sub_agents_that_it_waited_for_and_their_calls(self) -> None:
        pairing = by_hooks(call(1, "a", "Agent"), started(2), call(3, "b", agent_id="x"), event("UserPromptSubmit", 9))
        assert (pairing.running, pairing.runs.running) == ([], [])
        assert outcomes(pairing) == {"Agent": "interrupted", "Bash": "interrupted"}
        assert ended(pairing) == [("Explore", "interrupted", None)]

    def test_an_interrupted_turn_ends_the_sub_agents_of_its_sub_agents(self) -> None:
        inner = call(3, "b", "Agent", agent_id="x")
        pairing = by_hooks(call(1, "a", "Agent"), started(2), inner, started(4, "y"), event("UserPromptSubmit", 9))
        assert ended(pairing) == [("Explore", "interrupted", None)] * 2

    def test_a_turn_does_not_end_sub_agents_in_the_background(self) -> None:
        pairing = by_hooks(
            call(1, "a", "Agent"), returned(1.1, "a", "Agent", background_agent="x"), started(1.2),
            call(2, "c", "Agent"), started(2.1, "y"), event("UserPromptSubmit", 9), event("Stop", 10),
        )  # fmt: skip
        assert [run.agent_id for run in pairing.runs.running] == ["x"]

    def test_a_turn_that_ended_before_does_not_end_a_sub_agent(self) -> None:
        calls = (call(1, "a", "Agent"), call(10, "c", "Agent"), started(11), call(12, "b", agent_id="x"))
        pairing = by_hooks(*calls, event("UserPromptSubmit", 5))
        assert [running.tool for running in pairing.running] == ["Agent", "Bash"]
        assert len(pairing.runs.running) == 1

    def test_a_sub_agent_that_is_active_has_not_ended(self) -> None:
        interrupted = (call(1, "a", "Agent"), started(2), event("UserPromptSubmit", 9))
        assert len(by_hooks(*interrupted, call(10, "b", agent_id="x")).runs.running) == 1
        assert len(by_hooks(*interrupted[:2], call(10, "b", agent_id="x"), interrupted[2]).runs.running) == 1
        assert ended(by_hooks(*interrupted, stopped(12))) == [("Explore", "success", 10)]

    def test_the_end_of_the_process_ends_all_runs(self) -> None:
        pairing = by_hooks(started(1), started(2, "y"), event("SessionEnd", 9))
        assert ended(pairing) == [("Explore", "unknown", None)] * 2

    def test_a_start_ends_the_run_before_it(self) -> None:
        assert ended(by_hooks(started(1), started(5), stopped(6))) == [
            ("Explore", "unknown", None), ("Explore", "success", 1),
        ]  # fmt: skip

    def test_a_stop_without_a_start_is_none_of_a_sub_agent(self) -> None:
        assert ended(by_hooks(stopped(1), stopped(2, ""))) == []

    def test_a_start_without_an_id_is_counted(self) -> None:
        pairing = by_hooks(started(1, ""), stopped(2, ""))
        assert (counted(pairing), ended(pairing)) == (["main"], [])

    def test_a_run_without_an_end_expires_as_unknown(self) -> None:
        pairing = by_hooks(started(1), started(2, "y"), event("SessionEnd", 9))
        pairing.expire_all()
        assert [run.outcome for run in pairing.runs.ended] == [Outcome.UNKNOWN] * 2

    def test_a_repeated_end_of_a_call_ends_no_other_run(self) -> None:
        stop = (call(3, "s", "TaskStop"), returned(4, "s", "TaskStop", task_ends=KILLED))
        pairing = by_hooks(started(1), *stop, started(5), stop[1])
        assert len(pairing.runs.running) == 1


def line(at: float, agent_id: str = "x") -> HookRecord:
    return event("", at, agent_id)


class TestTranscripts:
    def test_a_run_lasts_from_the_first_line_to_the_last(self) -> None:
        pairing = by_transcripts(started(1), line(2), stopped(6))
        assert (counted(pairing), pairing.runs.running) == ([], [])
        assert ended(pairing) == [("Explore", "success", 5)]
        assert counted(pairing) == ["Explore"]

    def test_a_run_is_running_until_its_last_answer(self) -> None:
        assert len(by_transcripts(started(1), line(2)).runs.running) == 1

    def test_several_lines_of_the_last_answer_are_one_end(self) -> None:
        assert ended(by_transcripts(started(1), stopped(5), stopped(6), line(7))) == []
        assert ended(by_transcripts(started(1), stopped(5), stopped(6))) == [("Explore", "success", 5)]

    def test_lines_without_a_message_to_the_sub_agent_are_the_rest_of_a_run_in_another_session(self) -> None:
        pairing = by_transcripts(line(2), stopped(6), notified(7, TaskEnd("x", Outcome.SUCCESS)))
        assert (pairing.runs.running, ended(pairing), counted(pairing)) == ([], [], [])

    def test_a_message_that_is_read_late_starts_the_run_of_the_lines_after_it(self) -> None:
        assert ended(by_transcripts(line(2), stopped(6), started(1))) == [("Explore", "success", 5)]

    def test_a_message_after_the_end_starts_another_run(self) -> None:
        pairing = by_transcripts(started(1), stopped(3), started(4), started(5), stopped(9))
        assert ended(pairing) == [("Explore", "success", 2), ("Explore", "success", 5)]

    @pytest.mark.parametrize("main_first", [True, False])
    def test_the_main_transcript_reports_the_end_of_a_run_that_was_stopped(self, *, main_first: bool) -> None:
        main, own = [notified(5, *KILLED), notified(5.1, *KILLED)], [started(1), line(2)]
        pairing = by_transcripts(*(main + own if main_first else own + main))
        assert ended(pairing) == [("Explore", "interrupted", 4)]

    @pytest.mark.parametrize("order", ["m5 m20 1 2 10 12", "1 2 m5 10 12 m20", "1 2 10 12 m5 m20", "1 2 10 m5 m20 12"])
    def test_runs_of_a_sub_agent_that_was_stopped_and_resumed(self, order: str) -> None:
        lines = {"1": started(1), "2": line(2), "10": started(10), "12": line(12)}
        lines |= {"m5": notified(5, *KILLED), "m20": notified(20, *KILLED)}
        pairing = by_transcripts(*(lines[name] for name in order.split()))
        assert ended(pairing) == [("Explore", "interrupted", 4), ("Explore", "interrupted", 10)]

    def test_the_last_answer_is_better_evidence_than_a_notification_of_the_main_agent(self) -> None:
        success = TaskEnd("x", Outcome.SUCCESS)
        assert ended(by_transcripts(notified(7, success), started(1), stopped(6))) == [("Explore", "success", 5)]
        assert ended(by_transcripts(started(1), stopped(6), notified(7, success))) == [("Explore", "success", 5)]

    def test_a_run_of_an_old_version_ends_when_the_call_that_waited_for_it_returns(self) -> None:
        result = returned(7, "a", "Task", task_ends=(TaskEnd("x", Outcome.SUCCESS),))
        assert ended(by_transcripts(result, started(1), line(6))) == [("Explore", "success", 6)]

    def test_a_notification_of_other_work_is_no_run(self) -> None:
        pairing = by_transcripts(notified(5, TaskEnd("b1", Outcome.ERROR)))
        assert (pairing.runs.running, ended(pairing), [*pairing.runs]) == ([], [], [])

    def test_the_end_of_the_process_ends_a_run_that_was_read_before(self) -> None:
        pairing = by_transcripts(started(1), line(2), call(3, "b", agent_id="x"), event(PROCESS_END, 9))
        assert outcomes(pairing) == {"Bash": "unknown"}
        assert ended(pairing) == [("Explore", "unknown", None)]

    @pytest.mark.parametrize("is_late", [True, False])
    def test_a_sub_agent_whose_last_line_is_later_than_that_of_its_process_ends_with_it(self, *, is_late: bool) -> None:
        end, last = event(PROCESS_END, 9), line(9.1)
        pairing = by_transcripts(started(1), line(2), *((end, last) if is_late else (last, end)))
        assert (pairing.runs.running, ended(pairing)) == ([], [("Explore", "unknown", None)])

    @pytest.mark.parametrize("end_first", [True, False])
    def test_a_message_after_the_end_of_the_process_starts_another_run(self, *, end_first: bool) -> None:
        end, second = event(PROCESS_END, 9), (started(10), line(11), stopped(12))
        pairing = by_transcripts(started(1), line(2), *((end, *second) if end_first else (*second, end)))
        assert ended(pairing) == [("Explore", "unknown", None), ("Explore", "success", 2)]

    def test_a_message_while_it_runs_starts_no_run(self) -> None:
        pairing = by_transcripts(started(1), started(3), line(4), stopped(6), event(PROCESS_END, 9))
        assert ended(pairing) == [("Explore", "success", 5)]

    def test_calls_of_a_stopped_sub_agent_end_with_it_even_if_they_are_read_later(self) -> None:
        pairing = by_transcripts(notified(5, *KILLED), event("Stop", 500), started(1), call(2, "b", agent_id="x"))
        assert outcomes(pairing) == {"Bash": "interrupted"}

    def test_lines_that_are_read_again_count_no_second_run(self) -> None:
        lines = (started(1), line(2), stopped(6))
        pairing = by_transcripts(*lines)
        assert len(ended(pairing)) == 1
        assert len(ended(by_transcripts(*lines, into=pairing))) == 1

    def test_requests_of_claude_code_itself_are_no_runs(self) -> None:
        internal = HookRecord(Phase.EVENT, "SubagentStart", "s", 1, agent_id="acompact-1f", agent="unnamed")
        assert [*by_transcripts(internal).runs] == []


class TestBoth:
    def test_hooks_decide_whichever_witness_is_read_first(self) -> None:
        own = [started(0.9), line(2), stopped(5.8)]
        hooks = [started(1), stopped(6)]
        for transcript_first in (True, False):
            if transcript_first:
                pairing = by_hooks(*hooks, into=by_transcripts(*own))
            else:
                pairing = by_transcripts(*own, into=by_hooks(*hooks))
            assert ended(pairing) == [("Explore", "success", 5)]
            assert counted(pairing) == ["Explore"]

    def test_a_run_that_was_counted_from_its_transcript_is_not_counted_from_late_hooks(self) -> None:
        pairing = by_transcripts(started(1), stopped(6))
        assert len(ended(pairing)) == 1
        pairing.apply(started(1))
        pairing.apply(stopped(6))
        assert (len(ended(pairing)), len(pairing.runs.started)) == (1, 1)

    def test_a_sub_agent_that_started_before_the_hooks_is_counted_from_its_transcript(self) -> None:
        pairing = by_transcripts(started(1), stopped(5), into=by_hooks(stopped(6)))
        assert ended(pairing) == [("Explore", "success", 4)]
