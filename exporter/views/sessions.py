"""Sessions, calls and log lines as JSON objects, with secrets redacted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TypedDict

from exporter.model.clock import iso, iso_or_none, milliseconds
from exporter.model.money import Amount
from exporter.model.records import AgentRun, HookRecord, LoggedCall, Outcome, SessionStatus, ToolCall
from exporter.model.sessions import Session, status
from exporter.model.text import encodable
from exporter.sources.error_categories import categorize
from exporter.views.errors import shown_error
from exporter.views.redaction import redact, redact_text
from exporter.views.subjects import subject


class SessionSummary(TypedDict):
    """The summary of a session. Times are ISO 8601 in UTC.

    `running` is the number of calls that run now; commands in the background and sub-agents have their own numbers.
    `witnesses` are those that report it, `hooks` or `transcript`; without a transcript, its cost is unknown.
    """

    session_uuid: str
    project: str
    status: str
    tool_count: int
    error_count: int
    running: int
    running_agents: int
    background_commands: int
    duration_ms: int
    started_at: str
    last_activity_at: str
    witnesses: list[str]


class PricedSession(SessionSummary):
    """A session with its cost; None if that is unknown: without a transcript, or without a price of its models.

    `unpriced_tokens` are those of models without a known price, whose cost is not in it.
    """

    cost_usd: float | None
    unpriced_tokens: int


class SubagentUse(TypedDict):
    """A run of a sub-agent."""

    agent_id: str
    agent: str
    duration_ms: float | None
    outcome: str


class ToolUse(TypedDict):
    """A tool call, redacted. `success` is None while it is running and if its outcome is unknown.

    `subject` is what it is about, on one line: its command, its file (by its path within the project), or its pattern.
    `source` says what reports its end: `hook`, `transcript`, or `inferred` from other events; None while it is running.
    `subagent` is the run that the call launched or waited for, which may end long after the call.
    """

    tool_name: str
    timestamp: str | None
    duration_ms: float | None
    success: bool | None
    outcome: str
    subject: str
    parameters: Any
    error: str | None
    error_category: str | None
    agent: str
    agent_id: str
    source: str | None
    subagent: SubagentUse | None


class SessionDetails(TypedDict):
    """A session with its calls, ordered by their start."""

    tools: list[ToolUse]
    summary: SessionSummary


class LogRecord(TypedDict):
    """A line of a pre or post log, redacted."""

    tool_name: str
    timestamp: str | None
    session_uuid: str
    tool_use_id: str
    agent: str
    parameters: Any
    duration_ms: float | None
    success: bool | None
    error: str | None


def summary(session: Session, errors: int, now: int, labels: Mapping[str, str]) -> SessionSummary:
    """The current summary of a session; `errors` is the number of its failed calls, `labels` are those of projects."""
    state = status(session, now)
    is_completed = state is SessionStatus.COMPLETED
    return {
        "session_uuid": encodable(session.session_id),
        "project": encodable(labels.get(session.project, "")),
        "status": state.value,
        "tool_count": session.known_calls,
        "error_count": errors,
        "running": 0 if is_completed else session.open_calls,
        "running_agents": 0 if is_completed else session.running_agents,
        "background_commands": 0 if session.is_over else session.background_calls,
        "duration_ms": (session.last_us - session.first_us) // 1000,
        "started_at": iso(session.first_us),
        "last_activity_at": iso(session.last_us),
        "witnesses": _witnesses(session),
    }


def priced(session: SessionSummary, cost: Amount) -> PricedSession:
    """A session with its cost."""
    return {**session, "cost_usd": cost.dollars, "unpriced_tokens": cost.unpriced_tokens}


def tool_use(logged: LoggedCall, project: str) -> ToolUse:
    """The JSON object of a call in the project with this path."""
    call, running, started = logged
    at_us = call.ended_us if call.started_us is None else call.started_us
    failed = call.outcome not in {Outcome.SUCCESS, Outcome.UNKNOWN}
    given = parameters(call.input)
    return {
        "tool_name": call.tool,
        "timestamp": iso_or_none(at_us),
        "duration_ms": milliseconds(call.duration_us),
        "success": True if call.outcome is Outcome.SUCCESS else (False if failed else None),
        "outcome": "running" if running else call.outcome.value,
        "subject": subject(call.tool, given, project),
        "parameters": given,
        "error": shown_error(call.error) if call.error and failed else None,
        "error_category": _category(call) if failed else None,
        "agent": call.agent,
        "agent_id": encodable(call.agent_id),
        "source": None if running else call.witness.value,
        "subagent": _subagent(*started) if started else None,
    }


def _subagent(run: AgentRun, running: bool) -> SubagentUse:
    return {
        "agent_id": encodable(run.agent_id),
        "agent": run.agent,
        "duration_ms": milliseconds(run.duration_us),
        "outcome": "running" if running else run.outcome.value,
    }


def _witnesses(session: Session) -> list[str]:
    found = {"hooks": session.has_hooks, "transcript": session.has_transcript}
    return [name for name, reports in found.items() if reports]


def _category(call: ToolCall) -> str:
    named = {Outcome.DENIED: "permission_denied", Outcome.INTERRUPTED: "interrupted"}
    return named.get(call.outcome) or categorize(call.error).value


def log_record(record: HookRecord) -> LogRecord:
    """The JSON object of a log line."""
    return {
        "tool_name": record.tool,
        "timestamp": iso_or_none(record.time_us),
        "session_uuid": encodable(record.session),
        "tool_use_id": record.call_id,
        "agent": record.agent,
        "parameters": parameters(record.input),
        "duration_ms": milliseconds(record.duration_us),
        "success": None if record.outcome is None else record.outcome is Outcome.SUCCESS,
        "error": shown_error(record.error) or None,
    }


def parameters(raw: bytes) -> Any:
    """A tool's input, redacted, without the lone surrogates and numbers that JSON encoders reject."""
    try:
        value = json.loads(raw, parse_constant=lambda _: None, parse_float=_finite) if raw else None
        return redact(json.loads(encodable(json.dumps(value, ensure_ascii=False))) if b"\\u" in raw else value)
    except (ValueError, RecursionError):  # nested too deeply, or a number that is too long
        return redact_text(raw.decode("utf-8", "replace"))


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None
