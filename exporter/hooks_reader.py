"""Sessions as people and the API see them, straight from the logs in several folders."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypedDict

from exporter.counting import Counted, SessionCount
from exporter.meter import now_us
from exporter.records import HookRecord, Outcome, Phase, ToolCall
from exporter.redaction import redact, redact_text
from exporter.sessions import WINDOW_US, Session, status
from exporter.sources.error_categories import categorize
from exporter.sources.folder_reader import read_folder, read_records
from exporter.sources.lines import Position
from exporter.sources.log_folders import LogFile, is_safe_name, log_files, session_folders
from exporter.sources.pairing import Pairing
from exporter.sources.timestamps import from_us


class SessionSummary(TypedDict):
    """A session in a list. Times are ISO 8601 in UTC."""

    session_uuid: str
    project: str
    status: str
    tool_count: int
    running: int
    duration_ms: int
    started_at: str
    last_activity_at: str


class ToolUse(TypedDict):
    """A tool call as it is shown: redacted. `success` is None while it runs and where nobody knows."""

    tool_name: str
    timestamp: str | None
    duration_ms: float | None
    success: bool | None
    outcome: str
    parameters: Any
    error: str | None
    error_category: str | None
    agent: str


class SessionDetails(TypedDict):
    """A session with its calls, in the order in which they started."""

    tools: list[ToolUse]
    summary: SessionSummary


class LogRecord(TypedDict):
    """One line of a pre or post log, redacted."""

    tool_name: str
    timestamp: str | None
    session_uuid: str
    tool_use_id: str
    agent: str
    parameters: Any
    duration_ms: float | None
    success: bool | None
    error: str | None


class HooksReader:
    """Reads sessions from a folder of session folders, and from others beside it; a session in two of them is one.

    A summary is kept for as long as its files stay as they are.
    """

    def __init__(
        self,
        sessions_dir: str | Path = "logs/sessions",
        additional_dirs: Iterable[str | Path] = (),
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._roots = [str(Path(root).expanduser()) for root in (sessions_dir, *additional_dirs)]
        self._clock = clock
        self._kept: dict[str, tuple[frozenset[LogFile], list[Session]]] = {}

    def get_all_sessions(self) -> list[SessionSummary]:
        """The sessions of the last 24 hours, newest first."""
        now = self._clock()
        sessions: dict[str, Session] = {}
        kept: dict[str, tuple[frozenset[LogFile], list[Session]]] = {}
        for name, folders in self._folders().items():
            files = [file for folder in folders for file in log_files(folder)]
            if not any(file.modified_ns // 1000 >= now - WINDOW_US for file in files):
                continue
            kept[name] = self._sessions(name, frozenset(files))
            for session in kept[name][1]:
                known = sessions.get(session.session_id)
                sessions[session.session_id] = _merged(known, session) if known else session
        self._kept = kept
        recent = (session for session in sessions.values() if session.last_us >= now - WINDOW_US)
        return [_summary(session, now) for session in sorted(recent, key=lambda s: (-s.last_us, s.session_id))]

    def get_session_details(self, session_uuid: str) -> SessionDetails | None:
        """A session's calls and summary, however old it is; None where no log names it."""
        if not is_safe_name(session_uuid):
            return None
        folders = [os.path.join(root, session_uuid) for root in self._roots] + self._roots  # noqa: PTH118 - texts throughout
        files = frozenset(file for folder in folders for file in log_files(folder))
        counts = _count(files, session_uuid, keep_calls=True)
        if session_uuid not in counts:
            return None
        count, calls = counts[session_uuid]
        tools = [_tool_use(call) for call in calls] + [
            _tool_use(call.ended(Outcome.UNKNOWN, None), running=True) for call in count.pairing.open.values()
        ]
        tools.sort(key=lambda tool: tool["timestamp"] or "")
        return {"tools": tools, "summary": _summary(count.session, self._clock())}

    def parse_pre_tool_use(self, path: str | Path) -> list[LogRecord]:
        """The records of a log of starts, in whichever format it is written."""
        return [_log_record(record) for record in read_records(str(path), Phase.START)]

    def parse_post_tool_use(self, path: str | Path) -> list[LogRecord]:
        """The records of a log of ends, in whichever format it is written."""
        return [_log_record(record) for record in read_records(str(path), Phase.END)]

    def _folders(self) -> dict[str, list[str]]:
        """The folders of each session, by its name; the logs that lie in a root itself have an empty one."""
        folders: dict[str, list[str]] = {}
        for root in self._roots:
            for folder in session_folders(root):
                folders.setdefault("" if folder == root else folder.rpartition(os.sep)[2], []).append(folder)
        return folders

    def _sessions(self, name: str, files: frozenset[LogFile]) -> tuple[frozenset[LogFile], list[Session]]:
        kept = self._kept.get(name)
        if kept and kept[0] == files:
            return kept
        return files, [count.session for count, _ in _count(files, name).values()]


def _count(
    files: Iterable[LogFile], name: str, *, keep_calls: bool = False
) -> dict[str, tuple[SessionCount, list[ToolCall]]]:
    """The sessions in some files, counted from nothing, with their finished calls where they are wanted."""
    counted = Counted()
    counts: dict[str, tuple[SessionCount, list[ToolCall]]] = {}
    waiting = dict.fromkeys(files, Position())
    while waiting:
        read = read_folder(waiting, name, fresh=not counts and not keep_calls)
        if read.fast:
            counts[name] = _new(name), []
            counted.take_fast(counts[name][0], read.fast)
        for timed in read.records:
            session_id = timed.record.session
            if session_id not in counts:
                counts[session_id] = _new(session_id), []
            count, calls = counts[session_id]
            counted.take_line(count, timed)
            calls += count.pairing.calls if keep_calls else ()
            counted.finish(count)
        waiting = dict(read.positions) if read.more else {}
    return counts


def _new(session_id: str) -> SessionCount:
    return SessionCount(Session(session_id), Pairing())


def _merged(one: Session, other: Session) -> Session:
    """A session whose lines lie in folders of two names."""
    newer = max(one, other, key=lambda session: session.last_us)
    return Session(
        one.session_id, one.project or other.project, min(one.first_us, other.first_us), newer.last_us,
        newer.run_started_us, newer.ended, one.calls + other.calls, one.open_calls + other.open_calls,
    )  # fmt: skip


def _summary(session: Session, now: int) -> SessionSummary:
    return {
        "session_uuid": session.session_id,
        "project": session.project,
        "status": status(session, now).value,
        "tool_count": session.calls + session.open_calls,
        "running": session.open_calls,
        "duration_ms": (session.last_us - session.first_us) // 1000,
        "started_at": from_us(session.first_us).isoformat(),
        "last_activity_at": from_us(session.last_us).isoformat(),
    }


def _tool_use(call: ToolCall, *, running: bool = False) -> ToolUse:
    started = call.started_us if call.started_us is not None else call.ended_us
    failed = call.outcome not in {Outcome.SUCCESS, Outcome.UNKNOWN}
    return {
        "tool_name": call.tool,
        "timestamp": None if started is None else from_us(started).isoformat(),
        "duration_ms": _milliseconds(call.duration_us),
        "success": True if call.outcome is Outcome.SUCCESS else (False if failed else None),
        "outcome": "running" if running else call.outcome.value,
        "parameters": _parameters(call.input),
        "error": redact_text(call.error) if call.error and failed else None,
        "error_category": _category(call) if failed else None,
        "agent": call.agent,
    }


def _category(call: ToolCall) -> str:
    named = {Outcome.DENIED: "permission_denied", Outcome.INTERRUPTED: "interrupted"}
    return named.get(call.outcome) or categorize(call.error).value


def _log_record(record: HookRecord) -> LogRecord:
    return {
        "tool_name": record.tool,
        "timestamp": None if record.time_us is None else from_us(record.time_us).isoformat(),
        "session_uuid": record.session,
        "tool_use_id": record.call_id,
        "agent": record.agent,
        "parameters": _parameters(record.input),
        "duration_ms": _milliseconds(record.duration_us),
        "success": None if record.outcome is None else record.outcome is Outcome.SUCCESS,
        "error": redact_text(record.error) or None,
    }


def _parameters(raw: bytes) -> Any:
    return redact(json.loads(raw)) if raw else None


def _milliseconds(duration_us: int | None) -> float | None:
    return None if duration_us is None else duration_us / 1000
