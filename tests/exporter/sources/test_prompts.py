"""Prompts: which lines are one, and who submitted it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from exporter.model.records import HookRecord, PromptSource
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.prompts import encoded_text, hook_prompt, schedule
from exporter.sources.transcripts import read_transcript
from tests.support.transcript_lines import (
    SESSION,
    SLUG,
    attachment_line,
    compaction_line,
    prompt_line,
    queued_line,
    result_line,
    session_of,
    write,
)

PERSON, TASK, SCHEDULE, PEER, OTHER = PromptSource
NOTIFICATION = "<task-notification>\n<task-id>b1</task-id>\n<status>completed</status>\n</task-notification>"
BLOCKS = [{"type": "image", "source": {}}, {"type": "text", "text": "what is this?"}]
SLASH = "<command-message>greet</command-message>\n<command-name>/greet</command-name>"


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def records(directory: Path, *lines: str) -> list[HookRecord]:
    path = write(directory / SLUG / f"{SESSION}.jsonl", *lines)
    file = log_file(str(path.parent), path.name)
    assert file is not None
    read = read_transcript(file, Position(), str(path.parent), session_of)
    assert read is not None
    return [record for record, *_ in read.records]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("go on", PERSON),
        ("/greet you", PERSON),
        ("", PERSON),
        ("what does <task-notification> mean?", PERSON),
        (NOTIFICATION, TASK),
        ("\n" + NOTIFICATION, TASK),
        ('<teammate-message teammate_id="x">hi</teammate-message>', PEER),
        ('<channel source="slack">hi</channel>', PEER),
        ('Another Claude session sent a message:\n<teammate-message teammate_id="x">hi</teammate-message>', PEER),
        ("Another Claude session sent a message while you were working:\nhi", PEER),
        ("A peer session sent a message while you were working:\nhi", PEER),
        ("Another Claude session sent a bug report", PERSON),
        ([{"type": "text", "text": NOTIFICATION}], TASK),
        ("Continue from where you left off.", OTHER),
        ("Continue from where you left off. Note: this session was automatically restarted after its process", OTHER),
        ("Continue from where you left off. Then write the tests.", PERSON),
        (None, PERSON),
        (7, PERSON),
    ],
)
def test_the_text_of_a_hooks_prompt_shows_who_submitted_it(text: object, source: PromptSource) -> None:
    assert hook_prompt(encoded_text(raw(text))).source is source


def test_the_prompts_that_claude_code_will_submit_have_the_digests_of_their_texts() -> None:
    crons = [{"id": "1", "schedule": "* * * * *", "prompt": "check the deploy"}, {"prompt": None}, {}]
    assert schedule(raw(crons)) == (hook_prompt(" check the deploy\n").digest,)
    assert schedule(raw({})) == schedule(msgspec.Raw()) == ()


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (prompt_line("go on", turnOrigin="human", origin={"kind": "human"}, promptSource="typed"), PERSON),
        (prompt_line("go on", turnOrigin="sdk", promptSource="sdk"), PERSON),
        (prompt_line("go on", turnOrigin="human", sessionKind="bg"), PERSON),
        (prompt_line("go on"), PERSON),
        (prompt_line(BLOCKS), PERSON),
        (prompt_line(SLASH, turnOrigin="human"), PERSON),
        (prompt_line(NOTIFICATION, turnOrigin="task_notification", promptSource="system"), TASK),
        (prompt_line(NOTIFICATION), TASK),
        (prompt_line("check the deploy", isMeta=True, turnOrigin="scheduled", scheduledTaskId="38fc1c02"), SCHEDULE),
        (prompt_line(SLASH, scheduledTaskId="7e5d03b7", wakeupSource="loop_wakeup"), SCHEDULE),
        (prompt_line("hi", turnOrigin="peer", origin={"kind": "channel"}), PEER),
        (prompt_line("continue", turnOrigin="auto_continuation"), OTHER),
        (queued_line("one more thing", origin={"kind": "human"}), PERSON),
        (queued_line(NOTIFICATION, commandMode="task-notification"), TASK),
        (queued_line(BLOCKS), PERSON),
    ],
)
def test_a_line_of_a_transcript_shows_who_submitted_its_prompt(tmp_path: Path, line: str, source: PromptSource) -> None:
    (record,) = records(tmp_path, line)
    assert record.prompt is not None
    assert record.prompt.source is source
    assert record.event == ("" if "queued_command" in line else "UserPromptSubmit")


@pytest.mark.parametrize(
    "line",
    [
        prompt_line("expanded", isMeta=True, turnCompanion=True, scheduledTaskId=None),
        prompt_line("This session is being continued", isCompactSummary=True, turnOrigin="task_notification"),
        prompt_line("<bash-input>ls</bash-input>"),
        prompt_line("<bash-stdout>x</bash-stdout><bash-stderr></bash-stderr>", turnOrigin="human"),
        prompt_line("<command-name>/compact</command-name>\n<command-message>compact</command-message>"),
        prompt_line("<local-command-stdout>Compacted</local-command-stdout>"),
        prompt_line([{"type": "text", "text": "[Request interrupted by user for tool use]"}]),
        prompt_line("scenario:worker please", isSidechain=True, agentId="a1"),
        prompt_line("copied", forkedFrom={"sessionId": "parent"}, turnOrigin="human"),
        prompt_line("moved", turnOrigin="human", sessionKind="bg", promptId=None),
        queued_line("copied", forkedFrom={"sessionId": "parent"}),
        queued_line("for a sub-agent", isSidechain=True, agentId="a1"),
        queued_line(
            "<task-notification>\n<fork-source>\nThis session began as a fork", commandMode="task-notification"
        ),
        attachment_line('"queued_command"'),
        result_line("toolu_1"),
        prompt_line(None),
        prompt_line([]),
    ],
)
def test_other_lines_of_the_user_are_no_prompts(tmp_path: Path, line: str) -> None:
    assert [record.prompt for record in records(tmp_path, line) if record.prompt] == []


@pytest.mark.parametrize(
    ("line", "ends_turn"),
    [
        (prompt_line("<bash-input>ls</bash-input>"), True),
        (prompt_line([{"type": "text", "text": "[Request interrupted by user]"}]), True),
        (prompt_line("<command-name>/status</command-name>"), False),
        (prompt_line("expanded", isMeta=True), False),
    ],
)
def test_the_trace_of_an_interruption_shows_that_the_turn_has_ended(tmp_path: Path, line: str, ends_turn: bool) -> None:
    (record,) = records(tmp_path, line)
    assert (record.event, record.turn) == ("UserPromptSubmit" if ends_turn else "", "")


@pytest.mark.parametrize(
    ("trigger", "detail"), [("auto", "auto"), ("manual", "manual"), (None, "unknown"), (7, "unknown")]
)
def test_a_compaction_has_its_trigger(tmp_path: Path, trigger: object, detail: str) -> None:
    (record,) = records(tmp_path, compaction_line(trigger))
    assert (record.event, record.detail) == ("PreCompact", detail)


def test_a_copied_compaction_is_none(tmp_path: Path) -> None:
    assert records(tmp_path, compaction_line(forkedFrom={"sessionId": "parent"})) == []
