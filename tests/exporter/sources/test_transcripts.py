"""Reading one transcript."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.records import Usage
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_files import project_directories, transcripts
from exporter.sources.transcripts import Wanted, read_transcript
from tests.exporter.sources.read_messages import messages, read
from tests.support.permissions import unprivileged_user
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    api_error_line,
    assistant_line,
    compaction_line,
    cost_state_line,
    prompt_line,
    queued_line,
    result_line,
    search_line,
    session_of,
    usage,
    use_line,
    user_line,
    write,
)

# Lines of every kind, those of one message twice, with a title, a copy of another session's, and one that is no JSON.
MIXED = [
    assistant_line(1), assistant_line(1, second=2), use_line(2, "a"), result_line("a"), search_line(1, 2), user_line(),
    prompt_line("hello", second=9), queued_line("more"), compaction_line(), api_error_line(1), cost_state_line(1, {}),
    '{"type":"ai-title","aiTitle":"Shop"}\n', assistant_line(3, requestSessionId="other"), "nonsense\n",
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / SLUG / f"{SESSION}.jsonl"


def test_an_assistant_line_reports_its_message(path: Path) -> None:
    used = usage(10, 50, read=5_000, five=600, hour=400, server_tool_use={"web_search_requests": 3})
    (message,) = messages(write(path, user_line(), assistant_line(1, used), user_line()))
    assert message.usage == Usage(10, 50, 5_000, 600, 400, 3)
    assert message.usage.prompt == 6_010
    assert (message.model, message.agent, message.project, message.session) == (
        "claude-opus-4-6", "main", "shop", SESSION,
    )  # fmt: skip
    assert message.time_us == to_us(NOON.isoformat())
    assert not message.fast
    assert not message.us_inference


def test_lines_of_one_message_share_a_key_across_files_and_those_of_others_do_not(path: Path) -> None:
    keys = [
        message.key
        for message in messages(write(path, assistant_line(1), assistant_line(1, usage(output=80)), assistant_line(2)))
    ]
    (copy,) = messages(write(path.with_name("fork.jsonl"), assistant_line(1, sessionId="another", uuid="another")))
    assert keys[0] == keys[1] == copy.key != keys[2]
    assert all(0 <= key < 1 << 63 for key in keys)


@pytest.mark.parametrize("fields", [{"requestId": None}, {"requestId": "req_other"}])
def test_another_request_is_another_message(path: Path, fields: dict[str, Any]) -> None:
    first, second = messages(write(path, assistant_line(1), assistant_line(1, **fields)))
    assert first.key != second.key


def test_a_message_without_an_id_is_identified_by_its_line(path: Path) -> None:
    nameless = {"id": None}
    lines = [
        assistant_line(1, message=nameless),
        assistant_line(1, message=nameless),
        assistant_line(1, message=nameless, second=1),
    ]
    keys = [message.key for message in messages(write(path, *lines, assistant_line(2, message=nameless, uuid=None)))]
    assert keys[0] == keys[1] != keys[2]
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("fields", "agent"),
    [
        ({}, "main"),
        ({"isSidechain": True, "agentId": "a1", "attributionAgent": "Explore"}, "Explore"),
        ({"isSidechain": True, "agentId": "a1"}, "unnamed"),
        ({"isSidechain": True}, "unnamed"),
    ],
)
def test_a_message_is_attributed_to_its_agent(path: Path, fields: dict[str, Any], agent: str) -> None:
    (message,) = messages(write(path, assistant_line(1, **fields)))
    assert message.agent == agent


@pytest.mark.parametrize(
    ("meta", "agent"), [('{"agentType":"Plan"}', "Plan"), ("{}", "unnamed"), ("[]", "unnamed"), ("\xff", "unnamed")]
)
def test_the_type_of_a_sub_agent_is_in_a_file_next_to_its_transcript(path: Path, meta: str, agent: str) -> None:
    own = path.with_suffix("") / "subagents" / "agent-a1.jsonl"
    write(own, assistant_line(1, isSidechain=True, agentId="a1"))
    own.with_name("agent-a1.meta.json").write_text(meta)
    (message,) = messages(own)
    assert message.agent == agent


@pytest.mark.parametrize("model", ["<synthetic>", "", None])
def test_a_line_without_a_model_has_no_message(path: Path, model: str | None) -> None:
    assert messages(write(path, assistant_line(1, message={"model": model}))) == []


@pytest.mark.parametrize(
    "line",
    [
        user_line(),
        '{"type":"summary","usage":5}\n',
        '{"type":"assistant","message":"usage"}\n',
        '{"type":"assistant","message":{"usage":null}}\n',
        '{"type":"assistant","message":{"model":"m","usage":[]}}\n',
        '["usage"]\n',
        assistant_line(1, type="progress"),
    ],
)
def test_a_line_of_another_shape_is_ignored(path: Path, line: str) -> None:
    found = read(write(path, line))
    assert (found.messages, found.malformed, found.lines) == ([], 0, 1)


def test_a_torn_line_is_counted_and_does_not_affect_others(path: Path) -> None:
    torn = assistant_line(1)[:-30]
    found = read(write(path, user_line(), torn + "\n", assistant_line(2)))
    assert (len(found.messages), found.malformed, found.lines) == (1, 1, 3)


def test_a_last_line_is_left_until_it_is_whole(path: Path) -> None:
    whole = assistant_line(2)
    write(path, assistant_line(1), whole[:200])
    first = read(path)
    assert len(first.messages) == 1
    write(path, whole[200:])
    again = read(path, first.position)
    assert [message.key for message in again.messages] == [
        message.key for message in messages(write(path.with_name("other.jsonl"), whole))
    ]
    assert (again.lines, again.bytes_read) == (1, len(whole))


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("so be it", r"\udc90"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace('"service_tier":"standard"', '"service_tier":NaN'),
    ],
)
def test_values_that_strict_json_rejects_are_read(path: Path, broken: object) -> None:
    assert len(messages(write(path, broken(assistant_line(1))))) == 1  # type: ignore[operator] # one of the functions above


def test_invalid_utf_8_is_read(path: Path) -> None:
    write(path, assistant_line(1))
    path.write_bytes(path.read_bytes().replace(b"so be it", b"\xff\xfe"))
    assert len(messages(path)) == 1


def test_a_message_without_a_time_has_the_mtime_of_its_file(path: Path) -> None:
    (message,) = messages(write(path, assistant_line(1, timestamp=None)))
    assert message.time_us == path.stat().st_mtime_ns // 1000


def test_a_line_that_quotes_the_type_user_is_read(path: Path) -> None:
    quoting = {"content": [{"type": "tool_use", "input": {"type": "user"}}]}
    assert (
        len(
            messages(
                write(
                    path,
                    assistant_line(1, message=quoting),
                    user_line(),
                    assistant_line(2, attachment={"type": "user"}),
                )
            )
        )
        == 2
    )


def test_every_transcript_of_a_project_is_found_and_nothing_else(tmp_path: Path) -> None:
    here = tmp_path / SLUG
    found = {
        write(here / "a.jsonl", assistant_line(1)),
        write(here / "a" / "subagents" / "agent-1.jsonl", assistant_line(2)),
        write(here / "a" / "subagents" / "workflows" / "w" / "agent-2.jsonl", assistant_line(3)),
    }
    write(here / "a" / "tool-results" / "large.txt", "usage")
    (here / "round").symlink_to(here)
    (here / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "no directory").write_text("")
    errors: list[OSError] = []
    assert sorted(Path(file.path) for file in transcripts(str(here), errors.append)) == sorted(found)
    assert errors == []
    assert list(project_directories(str(tmp_path))) == [str(here)]
    assert list(project_directories(str(tmp_path / "missing"))) == []


def test_a_directory_that_cannot_be_read_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    here = tmp_path / SLUG
    for name in ("a.jsonl", "a/subagents/agent-1.jsonl", "b/subagents/agent-2.jsonl"):
        write(here / name, assistant_line(1))
    for directory in (tmp_path, *tmp_path.parents):
        if not directory.stat().st_mode & 0o001:
            directory.chmod(0o755)
    errors: list[OSError] = []
    (here / "a" / "subagents").chmod(0)
    try:
        with unprivileged_user():
            found = [Path(file.path) for file in transcripts(str(here), errors.append)]
    finally:
        (here / "a" / "subagents").chmod(0o755)
    assert sorted(found) == [here / "a.jsonl", here / "b" / "subagents" / "agent-2.jsonl"]
    assert [error.filename for error in errors] == [str(here / "a" / "subagents")]


def test_the_request_of_an_advisor_is_a_message_of_its_model(tmp_path: Path) -> None:
    advice = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 100, "output_tokens": 7}
    own = {"type": "message", "input_tokens": 10, "output_tokens": 50}
    nobody = {**advice, "model": None}
    line = assistant_line(1, usage(10, 50, iterations=[own, advice, advice, nobody], speed="fast"))
    write(tmp_path / "a.jsonl", line, line)
    messages = read(tmp_path / "a.jsonl").messages
    assert [(message.model, message.fast) for message in messages[:3]] == [
        ("claude-opus-4-6", True), ("claude-opus-5", False), ("claude-opus-5", False),
    ]  # fmt: skip
    assert messages[1].usage == messages[2].usage == Usage(100, 7)
    assert [message.key for message in messages[:3]] == [message.key for message in messages[3:]]
    assert len({message.key for message in messages}) == 3


@given(st.lists(st.sampled_from(MIXED), max_size=12))
def test_reading_costs_alone_finds_the_spending_that_reading_everything_finds(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = write(Path(directory) / SLUG / f"{SESSION}.jsonl", user_line(), *lines)
        file = log_file(str(path.parent), path.name)
        assert file
        every, costs = (
            read_transcript(file, Position(), str(path.parent), session_of, wanted)
            for wanted in (Wanted.RECORDS, Wanted.COSTS)
        )
    assert every is not None
    assert costs is not None
    assert not costs.records
    assert (costs.messages, costs.api_events, costs.cost_states, costs.parents, costs.titles) == (
        every.messages, every.api_events, every.cost_states, every.parents, every.titles,
    )  # fmt: skip


def test_names_of_absurd_length_are_cut_before_they_are_stored(path: Path) -> None:
    found = read(write(path, assistant_line(1, gitBranch="b" * 9000, attributionSkill="s" * 9000, version="1" * 9000)))
    assert (len(found.messages[0].branch), len(found.messages[0].skill)) == (256, 256)
    assert [len(version) for _, version in found.versions] == [64]
