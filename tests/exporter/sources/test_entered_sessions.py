"""Sessions that are entered while work of the session before goes on: its calls count there alone."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.model.records import HookRecord, LineResult
from tests.exporter.sources.paired_records import batch, end, event, outcomes, paired, settled, start

OF_AGENT: dict[str, Any] = {"agent_id": "x", "agent": "Explore"}


@pytest.mark.parametrize("detail", ["clear", "resume", "fork"])
def test_the_end_of_a_call_of_the_session_before_is_not_counted(detail: str) -> None:
    entered = event("SessionStart", 1, detail=detail)
    assert outcomes(entered, end(2, "a", **OF_AGENT), batch(("a", "done"), **OF_AGENT)) == []
    assert paired(entered).apply(end(2, "a", **OF_AGENT)) is LineResult.IGNORED


def test_what_a_sub_agent_of_the_session_before_calls_later_is_counted() -> None:
    entered = event("SessionStart", 1, detail="clear")
    assert outcomes(entered, end(2, "a", **OF_AGENT), start(3, "b", **OF_AGENT), end(4, "b", **OF_AGENT)) == ["success"]


@pytest.mark.parametrize(
    "launch", [event("SubagentStart", 2, **OF_AGENT), end(2, "launch", "Agent", background_agent="x")]
)
def test_a_call_without_a_start_of_a_sub_agent_that_the_session_has_launched_is_counted(launch: HookRecord) -> None:
    calls = settled(event("SessionStart", 1, detail="clear"), launch, end(3, "a", **OF_AGENT)).calls
    assert [call.agent for call in calls if call.tool == "Bash"] == ["Explore"]


def test_a_call_without_a_start_is_counted_in_a_session_of_its_own_process() -> None:
    assert outcomes(event("SessionStart", 1, detail="startup"), end(2, "a", **OF_AGENT)) == ["success"]
    assert outcomes(event("SessionStart", 1, detail="clear"), end(2, "a")) == ["success"]
