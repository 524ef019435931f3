"""The exit of Claude Code after its result: what it waits for, and that a task does not wait for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatserver.tasks.records import TaskStatus
from chatserver.tasks.stream import Stream
from tests.chatserver.tasks.place import Place, ask, ended, lives
from tests.fakes import claude


def answer(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "assistant", "session_id": "s", "message": {"id": "m1", "content": content}}


def tool_use(name: str) -> dict[str, Any]:
    return answer({"type": "tool_use", "id": "t1", "name": name, "input": {}})


def returned(**result: Any) -> dict[str, Any]:
    content = [{"type": "tool_result", "tool_use_id": "t1", "content": "Done"}]
    return {"type": "user", "message": {"content": content}, "tool_use_result": result}


RESULT = {"type": "result", "subtype": "success"}
STATUS = {"type": "system", "subtype": "status", "status": "requesting"}
ENDED = {"type": "system", "subtype": "task_notification", "tool_use_id": "t1", "status": "completed"}


def background(*tasks: str) -> dict[str, Any]:
    return {"type": "system", "subtype": "background_tasks_changed", "tasks": [{"task_id": task} for task in tasks]}


@pytest.mark.parametrize(
    ("lines", "is_over"),
    [
        ([tool_use("Bash"), returned()], False),
        ([tool_use("Bash"), returned(), RESULT], True),
        ([RESULT, {"type": "rate_limit_event"}], True),
        ([RESULT, STATUS], False),
        ([RESULT, answer()], False),
        ([RESULT, STATUS, answer(), RESULT], True),
        ([background("b1"), RESULT], False),
        ([background("b1"), RESULT, background()], True),
        ([tool_use("Bash"), returned(backgroundTaskId="b1"), RESULT], False),
        ([tool_use("Bash"), returned(backgroundTaskId="b1"), ENDED, RESULT], True),
        ([tool_use("Agent"), returned(status="async_launched"), RESULT], False),
        ([tool_use("Agent"), returned(status="async_launched"), RESULT, ENDED], True),
        ([tool_use("ScheduleWakeup"), returned(), RESULT], False),
    ],
)
def test_a_run_is_over_after_a_result_unless_something_continues(lines: list[dict[str, Any]], *, is_over: bool) -> None:
    stream = Stream()
    for line in lines:
        list(stream.read_line(json.dumps(line).encode()))
    assert stream.is_over is is_over


def test_a_claude_code_that_does_not_exit_after_its_result_is_ended_and_the_result_counts(place: Place) -> None:
    manager, _ = place.server(exit_seconds=0.1)
    task = ended(manager, ask(manager, "linger forever"))
    assert (task.status, task.result, task.error) == (TaskStatus.COMPLETED, "You said: linger forever", None)
    assert (task.cost_usd, task.interrupted_calls) == (claude.COST_USD, 0)
    assert not lives(place.calls()[0]["pid"])
