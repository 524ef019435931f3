"""Calls that wait for a person: which they are, and since when."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.model.records import HookRecord, Outcome, ToolCall
from exporter.model.waiting import AskedCall, WaitReason
from exporter.sources.open_calls import OpenCall

QUESTION_TOOLS = frozenset({"AskUserQuestion", "ExitPlanMode"})
# The types of notifications that report a question of an MCP server, whose call waits for the answer.
ELICITATIONS = frozenset({"elicitation_dialog", "elicitation_url_dialog"})
MCP_PREFIX = "mcp__"


def asked_call(running: Iterable[OpenCall]) -> AskedCall | None:
    """The call that has waited for a person for the longest time; None if none does.

    A permission is granted without an event, so a call for which one was requested seems to wait until it ends.
    """
    asked = [(call.started_us or 0, number, call) for number, call in enumerate(running) if reason_of(call)]
    if not asked:
        return None
    _, _, call = min(asked)
    reason = reason_of(call) or WaitReason.PERMISSION
    return AskedCall(reason, call.started_us or 0, call.tool, call.agent, call.input)


def wait_of_call(call: ToolCall) -> tuple[WaitReason, int] | None:
    """How long an ended call waited for a person, in microseconds; None if it did not, or nothing shows that.

    One that asks something runs until it is answered.
    """
    if call.tool in QUESTION_TOOLS:
        is_known = call.outcome is not Outcome.UNKNOWN and call.started_us is not None and call.ended_us is not None
        return (WaitReason.QUESTION, max(0, (call.ended_us or 0) - (call.started_us or 0))) if is_known else None
    answered_us = None if call.asked_us is None else answered_at(call, call.asked_us)
    return None if answered_us is None else (WaitReason.PERMISSION, max(0, answered_us - (call.asked_us or 0)))


def answered_at(call: ToolCall, asked_us: int) -> int | None:
    """When the permission was given or denied that was requested for a call; None if nothing shows that.

    A call that was allowed waited until its execution began: its end less its duration. Where that is unknown, as with
    old versions of Claude Code, the end of the wait is unknown, too.
    """
    if call.ended_us is None or call.outcome is Outcome.DENIED:
        return call.ended_us
    began_us = call.ended_us - (call.duration_us or 0)
    return began_us if began_us > asked_us else None


def mark_requested(record: HookRecord, calls: Iterable[OpenCall]) -> None:
    """Mark the calls that a permission request matches as denied unless they run."""
    for call in calls:
        if (call.tool, call.agent_id) == (record.tool, record.agent_id) and call.has_input(record.input):
            call.fallback, call.asked_us = Outcome.DENIED, call.asked_us or record.time_us


def mark_asking(record: HookRecord, running: Iterable[OpenCall]) -> None:
    """Mark the calls of MCP servers as waiting for an answer if one of them asks something."""
    if record.event == "Notification" and record.detail in ELICITATIONS:
        for call in running:
            call.elicits = call.tool.startswith(MCP_PREFIX)


def reason_of(call: OpenCall) -> WaitReason | None:
    """What a running call waits for; None if for nobody."""
    if call.tool in QUESTION_TOOLS or call.elicits:
        return WaitReason.QUESTION
    return WaitReason.PERMISSION if call.fallback is Outcome.DENIED else None
