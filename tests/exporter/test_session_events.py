"""The events of a session with their texts, from hooks and transcripts: each happens once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.hooks_reader import HooksReader, SessionEvents
from exporter.model.session_events import EventKind
from tests.support.eventful_session import EVENTFUL, PROJECT, PROMPT, Writer, write_eventful_session
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, append, call, event, now_us
from tests.support.synthetic_transcripts import CWD, line, transcript, transcript_answer, transcript_prompt
from tests.support.transcript_lines import (
    SESSION,
    SLUG,
    assistant_line,
    compaction_line,
    prompt_line,
    queued_line,
    write,
)


@pytest.fixture
def reader(tmp_path: Path) -> HooksReader:
    return HooksReader(tmp_path / "logs", transcript_roots=[tmp_path / "projects"])


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "logs", tmp_path / "projects", now_us() - 10 * MINUTE_US)


def events_of(reader: HooksReader, session: str = EVENTFUL) -> SessionEvents:
    found = reader.get_session_events(session)
    assert found
    return found


def kinds(reader: HooksReader, session: str = EVENTFUL) -> list[str]:
    return [one.kind.value for one in events_of(reader, session).events]


def texts(reader: HooksReader, session: str = EVENTFUL) -> list[str]:
    return [one.text for one in events_of(reader, session).events]


def test_what_both_witnesses_report_happens_once(reader: HooksReader, writer: Writer) -> None:
    write_eventful_session(writer.logs, writer.projects, writer.at_us)
    found = events_of(reader).events
    assert [one.kind.value for one in found if one.kind is not EventKind.ANSWER] == [
        "prompt", "api_error", "fallback", "permission", "compaction", "prompt", "permission",
    ]  # fmt: skip
    assert [one.text for one in found if one.kind is EventKind.PROMPT] == [PROMPT, "Push it"]
    assert len({one.request for one in found if one.request}) == sum(one.kind is EventKind.ANSWER for one in found)
    assert [one.agent for one in found if "rounded before" in one.text] == ["Explore"]


def test_a_witness_alone_reports_its_prompts(reader: HooksReader, writer: Writer) -> None:
    writer.hook(1, "UserPromptSubmit", prompt="By a hook")
    assert texts(reader) == ["By a hook"]
    transcript_prompt(writer.projects, "s2", now_us(), "In a transcript")
    assert texts(reader, "s2") == ["In a transcript"]


def test_the_same_prompt_twice_is_two_prompts(reader: HooksReader, writer: Writer) -> None:
    for second in (1, 9):
        writer.prompt(second, "continue")
    writer.hook(12, "UserPromptSubmit", prompt="continue")
    assert texts(reader) == ["continue"] * 3


def test_a_compaction_that_hooks_announce_twice_happens_once(reader: HooksReader, writer: Writer) -> None:
    for second in (1, 2):
        writer.hook(second, "PreCompact", trigger="auto")
    writer.line(3, {"type": "system", "subtype": "compact_boundary", "compactMetadata": {"trigger": "auto"}})
    assert kinds(reader) == ["compaction"]


def test_a_failed_turn_is_an_api_error_that_happens_once(reader: HooksReader, writer: Writer) -> None:
    writer.hook(1, "StopFailure", error="rate_limit")
    assert texts(reader) == ["rate limit, given up"]
    message = {"model": "<synthetic>", "content": [{"type": "text", "text": "API Error: 429"}]}
    writer.line(1, {"type": "assistant", "isApiErrorMessage": True, "apiErrorStatus": 429, "message": message})
    assert texts(reader) == ["HTTP 429, given up: API Error: 429"]


def test_a_wrapped_payload_has_its_prompt(reader: HooksReader, writer: Writer) -> None:
    payload = {"session_id": "s3", "hook_event_name": "UserPromptSubmit", "prompt": "Wrapped"}
    append(writer.logs / "s3" / "events.jsonl", {"logged_at": "2026-11-29T12:00:00Z", "payload": payload})
    assert texts(reader, "s3") == ["Wrapped"]


def test_a_wait_ends_when_the_call_begins_to_run_or_is_denied(reader: HooksReader, writer: Writer) -> None:
    write_eventful_session(writer.logs, writer.projects, writer.at_us)
    waits = [one for one in events_of(reader).events if one.kind is EventKind.PERMISSION]
    lengths = [round(((one.until_us or 0) - one.time_us) / SECOND_US, 1) for one in waits]
    assert [(one.detail, length) for one, length in zip(waits, lengths, strict=True)] == [
        ("error", 12.0), ("denied", 6.0),
    ]  # fmt: skip


def test_a_wait_without_an_end_is_unknown(reader: HooksReader, writer: Writer) -> None:
    fields: dict[str, Any] = {"tool_name": "Bash", "tool_input": {"command": "make"}}
    call(writer.logs, EVENTFUL, now_us(), took_ms=None)
    event(writer.logs, EVENTFUL, "PermissionRequest", now_us(), **fields)
    event(writer.logs, "old", "PermissionRequest", now_us(), **fields)
    (running,) = events_of(reader).events
    assert (running.detail, running.until_us) == ("running", None)
    (alone,) = events_of(reader, "old").events
    assert (alone.detail, alone.until_us) == ("unknown", None)


def test_only_what_is_new_is_read_and_a_rewritten_file_starts_over(reader: HooksReader, writer: Writer) -> None:
    transcript_prompt(writer.projects, "s4", now_us(), "one")
    assert texts(reader, "s4") == ["one"]
    transcript_answer(writer.projects, "s4", now_us())
    assert kinds(reader, "s4") == ["prompt", "answer"]
    transcript(writer.projects, "s4").write_text("")
    transcript_prompt(writer.projects, "s4", now_us(), "two")
    assert texts(reader, "s4") == ["two"]


def test_copies_in_a_fork_are_events_of_the_other_session(reader: HooksReader, writer: Writer) -> None:
    write(
        writer.projects / SLUG / "fork.jsonl",
        prompt_line("copied", sessionId="fork"),
        assistant_line(1, sessionId="fork", requestSessionId=SESSION, second=1),
        compaction_line(sessionId="fork", second=2, forkedFrom={"sessionId": SESSION}),
        prompt_line("own", sessionId="fork", second=3),
    )
    assert texts(reader, "fork") == ["own"]


def test_a_queued_prompt_and_one_of_a_program_are_prompts(reader: HooksReader, writer: Writer) -> None:
    notification = "<task-notification><task-id>b1</task-id></task-notification>"
    write(
        writer.projects / SLUG / f"{SESSION}.jsonl",
        prompt_line("first"), queued_line("And then this", second=1), prompt_line(notification, second=2),
    )  # fmt: skip
    found = events_of(reader, SESSION).events
    assert [(one.detail, one.text) for one in found] == [
        ("person", "first"), ("person", "And then this"), ("task_notification", notification),
    ]  # fmt: skip


@pytest.mark.parametrize(("word", "end"), [("word ", "word …"), ("語", "語 …"), ("x", " …")])
def test_a_long_text_is_cut_where_no_secret_can_be(reader: HooksReader, writer: Writer, word: str, end: str) -> None:
    transcript_prompt(writer.projects, "s5", now_us(), word * 100_000)
    (text,) = texts(reader, "s5")
    assert len(text) < 5_000
    assert text.endswith(end)


def test_a_session_was_started_in_the_directory_that_its_transcripts_are_named_after(
    reader: HooksReader, writer: Writer
) -> None:
    line(writer.projects, "s6", now_us(), "user", {"content": "x"}, cwd=f"{CWD}/deep/inside")
    assert events_of(reader, "s6").started_in == (CWD, str(writer.projects.parent))
    writer.prompt(1, "x")
    assert events_of(reader).started_in.directory == PROJECT
    call(writer.logs, "hooks-alone", now_us())
    assert events_of(reader, "hooks-alone").started_in == ("", "")


def test_an_unknown_session_has_none(reader: HooksReader) -> None:
    assert reader.get_session_events("none-such") is None
