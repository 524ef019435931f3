"""The ends of calls: what interrupts them, and commands that continue in the background."""

from __future__ import annotations

from typing import Any

import pytest

from chatserver.tasks.call_ends import CallEnds
from chatserver.tasks.stream_events import CallEnded
from exporter.model.records import Outcome

LAUNCHED = "Command running in background with ID: b1. Output is being written to: /tmp/b1.output"


def results(ends: CallEnds, call_id: str = "t1", returned: object = None, **block: Any) -> list[CallEnded]:
    return [*ends.of_results([{"type": "tool_result", "tool_use_id": call_id, **block}], None, returned)]


@pytest.mark.parametrize(
    ("status", "outcome", "error"),
    [("completed", Outcome.SUCCESS, ""), ("failed", Outcome.ERROR, "It failed"), ("stopped", Outcome.INTERRUPTED, "")],
)
@pytest.mark.parametrize("returned", [{"backgroundTaskId": "b1"}, None])
def test_a_command_in_the_background_ends_with_its_notification(
    returned: object, status: str, outcome: Outcome, error: str
) -> None:
    ends = CallEnds()
    assert results(ends, returned=returned, content=LAUNCHED if returned is None else "") == []
    assert [*ends.of_notification("t1", "running", "It runs")] == []
    assert [*ends.of_notification("t1", status, "It failed")] == [CallEnded("t1", outcome, error)]
    assert [*ends.of_notification("t1", status, "It failed")] == []


def test_the_end_of_a_sub_agent_is_no_end_of_the_call_that_launched_it() -> None:
    ends = CallEnds()
    assert results(ends, returned={"status": "async_launched"}) == [CallEnded("t1", Outcome.SUCCESS)]
    assert [*ends.of_notification("t1", "failed", "It failed")] == []


def test_a_sub_agent_that_is_stopped_interrupts_its_calls_but_not_what_it_left_in_the_background() -> None:
    ends = CallEnds()
    for call_id, parent in (("of-main", None), ("done", "t1"), ("running", "t1"), ("left", "t1"), ("other", "t2")):
        ends.add_call(call_id, parent)
    results(ends, "done")
    results(ends, "left", {"backgroundTaskId": "b1"})
    assert [*ends.of_notification("t1", "completed", "")] == []
    assert [*ends.of_notification("t1", "stopped", "")] == [CallEnded("running", Outcome.INTERRUPTED)]
    assert [*ends.of_notification("left", "failed", "3")] == [CallEnded("left", Outcome.ERROR, "3")]


def test_nobody_refuses_a_call_of_a_task_so_a_call_that_is_said_to_be_refused_was_interrupted() -> None:
    (ended,) = results(
        CallEnds(), returned="User rejected tool use", is_error=True, content="The tool use was rejected"
    )
    assert ended.outcome is Outcome.INTERRUPTED


def test_a_command_that_was_interrupted_while_it_ran_is_interrupted() -> None:
    assert results(CallEnds(), returned={"interrupted": True}) == [CallEnded("t1", Outcome.INTERRUPTED)]
