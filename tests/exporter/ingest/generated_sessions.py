"""Sessions of generated calls, whose lines arrive late and are read in between."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from tests.exporter.ingest.witnesses import (
    COST_STATE,
    EDITED,
    MAX_LATENESS,
    REJECTED,
    Written,
    answered,
    hook,
    hooked_call,
    hooked_end,
    said,
    used,
)


class Call(NamedTuple):
    """A generated call; `kind` is what became of it."""

    kind: str
    pause: float
    took: float
    tool: str
    ends_turn: bool


CALLS = st.builds(
    Call,
    st.sampled_from(["success", "error", "denied", "interrupted", "killed", "invalid", "unhooked"]),
    st.floats(0.01, 90).map(lambda value: round(value, 2)),
    st.floats(0.01, 90).map(lambda value: round(value, 2)),
    st.sampled_from(["Bash", "Read", "Edit"]),
    st.booleans(),
)


def lines_of(calls: list[Call], *, ends: bool) -> list[Written]:
    """What both witnesses write of a session with these calls."""
    lines, second = [hook(0, "SessionStart", source="startup"), hook(0.1, "UserPromptSubmit", prompt="go")], 0.2
    for number, (kind, pause, took, tool, ends_turn) in enumerate(calls):
        call_id, second = f"toolu_{number}", second + pause
        end, result = second + took, {"toolUseResult": EDITED} if tool == "Edit" else {}
        lines.append(used(second, number, call_id, tool))
        if kind not in {"invalid", "unhooked"}:
            lines.append(hooked_call(second + 0.005, call_id, tool))
        lines += {
            "success": [hooked_end(end, call_id, took, tool=tool), answered(end + 0.005, call_id, **result)],
            "error": [
                hooked_end(end, call_id, took, error="Exit code 1", tool=tool),
                answered(end + 0.005, call_id, error="Exit code 1"),
            ],
            "denied": [
                hook(second + 0.006, "PermissionRequest", tool_name=tool, tool_input={"command": call_id}),
                answered(end, call_id, error=REJECTED, toolDenialKind="user-rejected", toolDenialBeforeRun=True),
            ],
            "interrupted": [answered(end, call_id, error=REJECTED, toolDenialKind="user-rejected")],
            "invalid": [answered(end, call_id, error="<tool_use_error>InputValidationError: x</tool_use_error>")],
            "unhooked": [answered(end, call_id, **result)],
            "killed": [],
        }[kind]
        second = end + 0.01
        if ends_turn or kind in {"interrupted", "killed"}:
            lines += [hook(second, "Stop")] if ends_turn else []
            lines.append(hook(second + 0.1, "UserPromptSubmit", prompt="next"))
            second += 0.2
    if ends:
        lines += [hook(second, "SessionEnd", reason="exit"), said(second, COST_STATE)]
    return lines


class GeneratedSession(NamedTuple):
    """The lines of a session, how late each is written, and after which of them all are read."""

    lines: list[Written]
    lateness: list[float]
    reads: list[bool]


GENERATED_SESSIONS = st.builds(
    GeneratedSession,
    st.builds(lines_of, st.lists(CALLS, min_size=1, max_size=6), ends=st.booleans()),
    st.lists(st.floats(0, MAX_LATENESS), max_size=12),
    st.lists(st.booleans(), min_size=1, max_size=9),
)
