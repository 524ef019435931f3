"""Commands that continue in the background after their calls have returned."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.model.records import HookRecord, LineResult, Outcome, Phase, TaskEnd, ToolCall
from exporter.sources.pairing import Pairing
from tests.exporter.sources.test_agent_runs import SECOND, by_hooks, by_transcripts, call, event, notified

LATER_US = 10**9
DONE, KILLED = TaskEnd("b1", Outcome.SUCCESS), TaskEnd("b1", Outcome.INTERRUPTED)
FAILED = TaskEnd("b1", Outcome.ERROR, "Background command failed with exit code 3")


def returned(at: float, call_id: str = "a", tool: str = "Bash", task: str = "b1", **more: Any) -> HookRecord:
    fields = {"outcome": Outcome.SUCCESS, "background_command": task} | more
    return HookRecord(Phase.END, "", "s", round(at * SECOND), tool, call_id, **fields)


def launched(at: float = 1) -> tuple[HookRecord, HookRecord]:
    return call(at, "a"), returned(at + 0.1)


def calls(pairing: Pairing) -> list[ToolCall]:
    """The calls that have ended once all is settled."""
    pairing.settle(LATER_US)
    return pairing.calls


def ended(pairing: Pairing) -> list[tuple[str, float | None]]:
    """The outcomes and seconds of the calls that have ended once all is settled."""
    return [
        (ended.outcome.value, None if ended.duration_us is None else ended.duration_us / SECOND)
        for ended in calls(pairing)
    ]


def test_a_command_runs_in_the_background_when_its_call_has_returned() -> None:
    pairing = by_hooks(*launched())
    assert (pairing.running, len(pairing.in_background), ended(pairing)) == ([], 1, [])


@pytest.mark.parametrize(("end", "outcome"), [(DONE, "success"), (FAILED, "error"), (KILLED, "interrupted")])
def test_a_notification_reports_its_outcome_and_how_long_it_ran(end: TaskEnd, outcome: str) -> None:
    pairing = by_hooks(*launched(), event("Stop", 3), notified(61, end))
    assert (pairing.in_background, ended(pairing)) == ([], [(outcome, 60)])
    assert pairing.calls[0].error == end.error


def test_a_notification_of_other_work_does_not_end_it() -> None:
    assert ended(by_hooks(*launched(), notified(5, TaskEnd("b2", Outcome.SUCCESS)))) == []
    assert ended(by_hooks(call(1, "a"), notified(5, DONE))) == [("interrupted", None)]  # as the prompt of another turn


def test_a_tool_that_stops_it_ends_it() -> None:
    stop = returned(9, "k", "TaskStop", "", task_ends=(KILLED,))
    assert ended(by_hooks(*launched(), call(8, "k", "TaskStop"), stop)) == [("success", 1), ("interrupted", 8)]


@pytest.mark.parametrize("name", ["Stop", "StopFailure", "UserPromptSubmit"])
def test_no_end_of_a_turn_ends_it(name: str) -> None:
    assert len(by_hooks(*launched(), event(name, 5)).in_background) == 1
    assert len(by_hooks(launched()[0], event(name, 5), launched()[1]).in_background) == 1


def test_the_end_of_the_session_leaves_its_outcome_unknown() -> None:
    assert ended(by_hooks(*launched(), event("SessionEnd", 9))) == [("unknown", None)]
    assert ended(by_hooks(*launched(), event("SessionEnd", 9), notified(9.5, DONE))) == [("success", 8.5)]


def test_a_batch_that_lists_it_does_not_end_it() -> None:
    pairing = by_hooks(*launched())
    pairing.apply(event("PostToolBatch", 2))
    assert len(pairing.in_background) == 1


def test_a_repeated_return_is_a_duplicate() -> None:
    pairing = by_hooks(*launched())
    assert pairing.apply(launched()[1]) is LineResult.DUPLICATE
    assert len(calls(by_hooks(*launched(), launched()[1], notified(5, DONE)))) == 1


def test_a_return_without_a_start_is_a_command_of_unknown_duration() -> None:
    assert ended(by_hooks(returned(2), notified(5, DONE))) == [("success", None)]


def test_a_permission_request_does_not_deny_it() -> None:
    asked = event("PermissionRequest", 1.05, tool="Bash")
    assert ended(by_hooks(call(1, "a"), asked, returned(1.1), event("SessionEnd", 9))) == [("unknown", None)]


def test_its_transcript_is_enough() -> None:
    pairing = by_transcripts(*launched(), event("", 3))
    assert (pairing.running, len(pairing.in_background)) == ([], 1)
    assert ended(by_transcripts(event("", 4, task_ends=(FAILED,)), into=pairing)) == [("error", 3)]


def test_the_transcript_reports_its_end_before_the_hook_that_notifies_the_main_agent() -> None:
    for transcript_first in (True, False):
        pairing = by_hooks(*launched())
        in_transcript, in_hook = event("", 4, task_ends=(DONE,)), notified(30, DONE)
        if transcript_first:
            by_hooks(in_hook, into=by_transcripts(in_transcript, into=pairing))
        else:
            by_transcripts(in_transcript, into=by_hooks(in_hook, into=pairing))
        assert ended(pairing) == [("success", 3)]


def test_it_does_not_expire_but_all_work_of_a_silent_session_does() -> None:
    pairing = by_hooks(*launched())
    pairing.expire_all()
    assert [(ended.outcome, ended.duration_us) for ended in pairing.calls] == [(Outcome.UNKNOWN, None)]
