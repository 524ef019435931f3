"""Events with the usual names against the reader of all formats: both give the same records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exporter.model.records import HookRecord, Phase
from exporter.sources.formats import ALIASES
from exporter.sources.hook_records import decode_line, read_record
from exporter.sources.payload_events import EVENTS, payload_event

EVENT: dict[str, Any] = {
    "logged_at": "2026-11-22T12:00:00.000001+00:00",
    "project_dir": "/home/dev/shop",
    "session_id": "0f63ea0a-88b2-40e5-8936-c044dfb71b72",
    "transcript_path": "/home/dev/.claude/projects/-home-dev-shop/0f63ea0a.jsonl",
    "cwd": "/home/dev/shop/src",
    "prompt_id": "p1",
    "permission_mode": "default",
}
VALUES: tuple[Any, ...] = (
    None, "", "a1", 7, True, [], {}, ["continue"], "2026-11-22T12:00:01Z", 1_795_348_800, "yesterday", "/tmp",
    "<task-notification><task-id>b1</task-id><status>failed</status></task-notification>", "error", "<tick>",
    [{"type": "text", "text": "continue"}], [{"id": "c1", "prompt": "continue"}], {"session_id": "s2"},
)  # fmt: skip
NAMES = sorted({name for names in ALIASES.values() for name in names} - {"hook_event_name"})
OTHER_EVENTS = ("PreToolUse", "PostToolUse", "PostToolBatch", "PermissionRequest", "PreCompact", "stop", "", 7, None)


def read_by_aliases(text: bytes) -> HookRecord | None:
    return read_record(decode_line(text), Phase.EVENT, "directory")


@given(
    st.sampled_from([*EVENTS, *OTHER_EVENTS]),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=4),
    st.sets(st.sampled_from(sorted(EVENT))),
)
@example("UserPromptSubmit", {"prompt": VALUES[12], "session_crons": VALUES[16]}, set())
def test_a_line_gives_the_same_record_by_its_usual_names_as_by_all_names(
    event: object, changes: dict[str, Any], missing: set[str]
) -> None:
    kept = {name: value for name, value in EVENT.items() if name not in missing}
    text = json.dumps({**kept, "hook_event_name": event, **changes}).encode()
    assert payload_event(text) in {None, read_by_aliases(text)}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("agent", [{}, {"agent_id": "a1", "agent_type": "Explore"}, {"agent_id": "a1"}])
def test_the_usual_events_are_read_by_their_usual_names(event: str, agent: dict[str, str]) -> None:
    text = json.dumps({**EVENT, **agent, "hook_event_name": event, "prompt": "continue", "reason": "other"}).encode()
    assert payload_event(text) == read_by_aliases(text) is not None


@pytest.mark.parametrize("text", [b"", b"{}", b"{" * 10_000, b'{"hook_event_name":"Stop"}{}', b"\xef\xbb\xbf{}"])
def test_a_line_that_is_no_such_event_is_left_to_the_other_reader(text: bytes) -> None:
    assert payload_event(text) is None
