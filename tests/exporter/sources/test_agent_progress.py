"""Messages of sub-agents in lines of the main transcript on their progress, as versions 2.1.12 to 2.1.42 wrote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.model.records import ApiMessage
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, session_of, usage, write

AGENT_ID = "a9f0002"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / SLUG / f"{SESSION}.jsonl"


def read(path: Path) -> TranscriptRead:
    file = log_file(str(path.parent), path.name)
    assert file
    found = read_transcript(file, Position(), str(path.parent), session_of)
    assert found
    return found


def messages(path: Path) -> list[ApiMessage]:
    return read(path).messages


def progress_line(inner: object, *, kind: str = "agent_progress", **fields: Any) -> str:
    """A line on the progress of a sub-agent, with one of its own lines."""
    data = {"message": inner, "normalizedMessages": [], "type": kind, "prompt": "look", "agentId": AGENT_ID}
    outer = json.loads(assistant_line(0, type="progress", data=data, uuid="progress"))
    return json.dumps({name: outer[name] for name in outer if name not in {"message", "requestId"}} | fields) + "\n"


def inner_line(number: int, output: int = 50, **fields: Any) -> dict[str, Any]:
    """The line of a sub-agent as it is repeated: without session and directory."""
    line = json.loads(assistant_line(number, usage(output=output), model="claude-haiku-4-5", **fields))
    return {name: line[name] for name in ("type", "timestamp", "message", "requestId", "uuid")}


def test_a_message_of_a_sub_agent_is_found_in_the_main_transcript(path: Path) -> None:
    (message,) = messages(write(path, progress_line(inner_line(1))))
    assert (message.model, message.agent, message.project, message.session, message.usage.output) == (
        "claude-haiku-4-5", "unnamed", "shop", SESSION, 50,
    )  # fmt: skip


def test_it_is_the_message_that_the_transcript_of_the_sub_agent_reports(path: Path) -> None:
    own = path.with_suffix("") / "subagents" / f"agent-{AGENT_ID}.jsonl"
    write(own, assistant_line(1, isSidechain=True, agentId=AGENT_ID))
    assert [message.key for message in messages(write(path, progress_line(inner_line(1)), assistant_line(2)))] == [
        messages(own)[0].key, messages(write(path.with_name("other.jsonl"), assistant_line(2)))[0].key,
    ]  # fmt: skip


@pytest.mark.parametrize(("agent_id", "agent"), [(AGENT_ID, "Explore"), ("another", "unnamed"), ("../x", "unnamed")])
def test_the_type_of_the_sub_agent_is_in_the_file_next_to_its_transcript(path: Path, agent_id: str, agent: str) -> None:
    for name in (f"agent-{AGENT_ID}", "x"):
        write(path.with_suffix("") / "subagents" / f"{name}.meta.json", '{"agentType":"Explore"}')
    line = progress_line(inner_line(1))
    (message,) = messages(write(path, line.replace(AGENT_ID, agent_id)))
    assert message.agent == agent


@pytest.mark.parametrize(
    "line",
    [
        progress_line(inner_line(1), kind="hook_progress"),
        progress_line("usage"),
        progress_line(None),
        progress_line(inner_line(1), data=None, usage=5),
        progress_line(inner_line(1) | {"type": "user"}),
        '{"type":"progress","usage":5}\n',
    ],
)
def test_progress_of_another_kind_is_ignored(path: Path, line: str) -> None:
    found = read(write(path, line))
    assert (found.messages, found.malformed, found.lines) == ([], 0, 1)


def test_values_that_strict_json_rejects_are_read(path: Path) -> None:
    line = progress_line(inner_line(1))
    assert len(messages(write(path, line.replace("so be it", r"\udc90"), "\ufeff" + line))) == 2
