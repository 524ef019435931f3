"""The events of hook lines with their texts: prompts, requests for permission, compactions, API errors."""

from __future__ import annotations

from collections.abc import Callable

from exporter.model.api_health import ApiErrorOutcome
from exporter.model.records import HookRecord, Witness
from exporter.model.session_events import EventKind, SessionEvent
from exporter.model.text import readable_start
from exporter.sources.hook_records import error_text, payload
from exporter.sources.prompts import encoded_text
from exporter.sources.session_events import MAX_TEXT, UNKNOWN


def hook_session_event(record: HookRecord, line: bytes, time_us: int) -> SessionEvent | None:
    """The event of a record with the line that it was read from; None if it has none for the timeline."""
    read = READERS.get(record.event)
    return read(record, line, time_us) if read else None


def _prompt(record: HookRecord, line: bytes, time_us: int) -> SessionEvent | None:
    source = record.prompt.source.value if record.prompt else UNKNOWN
    text = readable_start(encoded_text(payload(line).prompt), MAX_TEXT)
    return SessionEvent(
        EventKind.PROMPT, time_us, record.session, text=text, detail=source, witness=Witness.HOOK
    )  # fmt: skip


def _permission(record: HookRecord, _line: bytes, time_us: int) -> SessionEvent | None:
    return SessionEvent(
        EventKind.PERMISSION, time_us, record.session, record.agent_id, record.agent, detail=UNKNOWN,
        tool=record.tool, input=record.input, witness=Witness.HOOK,
    )  # fmt: skip


def _compaction(record: HookRecord, _line: bytes, time_us: int) -> SessionEvent | None:
    return SessionEvent(
        EventKind.COMPACTION, time_us, record.session, record.agent_id, record.agent, detail=record.detail or UNKNOWN,
        witness=Witness.HOOK,
    )  # fmt: skip


def _failure(record: HookRecord, line: bytes, time_us: int) -> SessionEvent | None:
    """The end of a turn by a request that was given up."""
    text = f"{error_text(payload(line).error) or UNKNOWN}, given up".replace("_", " ")
    return SessionEvent(
        EventKind.API_ERROR, time_us, record.session, record.agent_id, record.agent,
        text=readable_start(text, MAX_TEXT), detail=ApiErrorOutcome.ABANDONED.value, witness=Witness.HOOK,
    )  # fmt: skip


READERS: dict[str, Callable[[HookRecord, bytes, int], SessionEvent | None]] = {
    "UserPromptSubmit": _prompt,
    "PermissionRequest": _permission,
    "PreCompact": _compaction,
    "StopFailure": _failure,
}
