"""The tool calls of transcript lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.model.records import HookRecord, Outcome, Phase
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.timestamps import to_us
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    assistant_line,
    result_line,
    session_of,
    use_line,
    user_line,
    write,
)

REJECTED = "The user doesn't want to proceed with this tool use. The tool use was rejected"


def read(directory: Path, *lines: str, below: str = f"{SESSION}.jsonl") -> TranscriptRead:
    path = write(directory / SLUG / below, *lines)
    file = log_file(str(path.parent), path.name)
    assert file
    found = read_transcript(file, Position(), str(directory / SLUG), session_of)
    assert found
    return found


def calls(directory: Path, *lines: str, below: str = f"{SESSION}.jsonl") -> list[HookRecord]:
    records = [found.record for found in read(directory, *lines, below=below).records]
    return [record for record in records if record.call_id]


def test_a_call_is_started_by_the_assistant_and_ended_by_its_result(tmp_path: Path) -> None:
    used, answered = calls(tmp_path, use_line(1, "a", "Read"), result_line("a", second=2))
    assert (used.phase, used.tool, used.call_id, used.agent, used.session) == (
        Phase.START, "Read", "a", "main", SESSION,
    )  # fmt: skip
    assert (answered.phase, answered.call_id, answered.outcome, answered.error) == (
        Phase.END, "a", Outcome.SUCCESS, "",
    )  # fmt: skip
    assert (answered.time_us or 0) - (to_us(NOON.isoformat()) or 0) == 2_000_000


def test_a_line_may_have_several_calls(tmp_path: Path) -> None:
    blocks = [{"type": "tool_use", "id": call_id, "name": "Bash", "input": {}} for call_id in "ab"]
    odd: list[object] = [{"type": "tool_use", "id": 5, "name": "Bash"}, {"type": "tool_use", "id": "c", "name": None}]
    found = read(tmp_path, assistant_line(1, message={"content": [*blocks, *odd]}))
    assert [(record.call_id, message == found.messages[0].key) for record, message, *_ in found.records] == [
        ("a", True), ("b", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "fields", "outcome"),
    [
        ("Exit code 2", {}, Outcome.ERROR),
        ("<tool_use_error>InputValidationError</tool_use_error>", {}, Outcome.ERROR),
        (REJECTED, {}, Outcome.DENIED),  # of versions before toolDenialKind
        (REJECTED, {"toolDenialKind": "user-rejected", "toolDenialBeforeRun": True}, Outcome.DENIED),
        (REJECTED, {"toolDenialKind": "user-rejected"}, Outcome.INTERRUPTED),
        ("You haven't granted it", {"toolDenialKind": "user-rejected", "permissionDecision": {"decision": "reject"}},
         Outcome.DENIED),
        (REJECTED, {"toolDenialKind": "user-rejected", "permissionDecision": {"decision": "allow"}},
         Outcome.INTERRUPTED),
        ("Denied by a rule", {"toolDenialKind": "permission-rule"}, Outcome.DENIED),
        ("No", {"toolDenialKind": "automode-blocked"}, Outcome.DENIED),
        ("No", {"toolDenialKind": "automode-unavailable"}, Outcome.DENIED),
        ("No", {"toolDenialKind": "automode-parsing-error"}, Outcome.DENIED),
        ("No", {"toolDenialKind": "interrupted"}, Outcome.INTERRUPTED),
        ("No", {"toolDenialKind": "cancelled"}, Outcome.INTERRUPTED),
        ("[Request interrupted by user for tool use]", {}, Outcome.INTERRUPTED),
        ("", {"toolUseResult": {"interrupted": True}}, Outcome.INTERRUPTED),
        ("", {"toolUseResult": ["anything"]}, Outcome.SUCCESS),
        ("", {"permissionDecision": "anything"}, Outcome.SUCCESS),
    ],
)  # fmt: skip
def test_the_outcome_of_a_call(tmp_path: Path, error: str, fields: dict[str, Any], outcome: Outcome) -> None:
    (record,) = calls(tmp_path, result_line("a", error=error, **fields))
    assert (record.outcome, record.error) == (outcome, error)


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("Command running in background with ID: b1x. Output is being written to: /tmp/b1x.output.", "b1x"),
        ("Command was manually backgrounded by user with ID: b2. Output is being written to: x.", "b2"),
        ("Command did not complete within its 120s timeout and was moved to the background (ID: b3). Output", "b3"),
        ("Command was moved to the background (ID: b4) so that a message that arrived can reach you", "b4"),
        ("The background task has ID: b5", ""),
        ("Command not found, see background ID", ""),
    ],
)
def test_a_sub_agents_command_in_the_background_is_known_by_the_text_of_its_result(
    tmp_path: Path, text: str, task: str
) -> None:
    (record,) = calls(tmp_path, result_line("a", text=text, toolUseResult=None, agentId="a1", isSidechain=True))
    assert (record.outcome, record.background_command) == (Outcome.SUCCESS, task)


@pytest.mark.parametrize(
    "text",
    [
        "[Tool call interrupted: the session ended before this call's result was recorded, so its outcome is unknown.]",
        "[Agent call interrupted: the process running this conversation stopped before this agent finished]",
        "[Tool call result not in this copy: this session was copied from another session before that session]",
    ],
)
def test_what_a_later_process_fills_in_for_a_result_says_nothing_about_the_outcome(tmp_path: Path, text: str) -> None:
    (record,) = calls(tmp_path, result_line("a", error=text, toolDenialKind="interrupted"))
    assert (record.outcome, record.error) == (Outcome.UNKNOWN, "")


def test_the_error_of_a_result_may_be_a_list_of_texts(tmp_path: Path) -> None:
    content = [{"type": "text", "text": "Exit code 1"}, {"type": "image"}, {"type": "text", "text": "no"}]
    line = json.loads(result_line("a", error="x"))
    line["message"]["content"][0]["content"] = content
    (record,) = calls(tmp_path, json.dumps(line, separators=(",", ":")) + "\n")
    assert record.error == "Exit code 1\nno"


def test_a_sub_agents_calls_belong_to_the_session_that_started_it(tmp_path: Path) -> None:
    below = f"{SESSION}/subagents/agent-a1.jsonl"
    side: dict[str, Any] = {"isSidechain": True, "agentId": "a1", "sessionId": None}
    write(tmp_path / SLUG / SESSION / "subagents" / "agent-a1.meta.json", '{"agentType":"Explore"}')
    used, answered = calls(tmp_path, use_line(1, "a", **side), result_line("a", **side), below=below)
    assert {(record.session, record.agent_id, record.agent) for record in (used, answered)} == {
        (SESSION, "a1", "Explore")
    }


@pytest.mark.parametrize("content", ['"text"', "null", "[[]]", '[{"type":"tool_result"}]', '{"tool_result":1}'])
def test_a_line_without_a_call_of_a_known_shape_has_no_calls(tmp_path: Path, content: str) -> None:
    line = user_line().replace('"continue"', content)
    found = read(tmp_path, line)
    assert ([record.call_id for record, *_ in found.records if record.call_id], found.malformed) == ([], 0)
