"""What can be found: the texts in transcripts, and in hook logs of sessions without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exporter.hooks_reader import HooksReader
from tests.exporter.search.indexed import Indexed
from tests.support.synthetic_logs import SECOND_US, append, call, event, iso, now_us
from tests.support.synthetic_transcripts import (
    line,
    transcript,
    transcript_answer,
    transcript_call,
    transcript_prompt,
)

SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"
START = now_us() - 1000 * SECOND_US


def say(indexed: Indexed, text: str, at_us: int = START, **fields: Any) -> None:
    """Write an answer."""
    message = {"id": f"msg_{at_us}", "model": "m", "content": [{"type": "text", "text": text}], "usage": {}}
    line(indexed.projects, SESSION, at_us, "assistant", message, **fields)


def test_prompts_commands_paths_errors_and_answers_are_found(indexed: Indexed) -> None:
    transcript_prompt(indexed.projects, SESSION, START, "Please fix the flaky checkout")
    transcript_call(
        indexed.projects, SESSION, START + 1, tool_input={"command": "make checkout"}, error="checkout broke"
    )
    transcript_call(indexed.projects, SESSION, START + 2, tool="Read", tool_input={"file_path": "/shop/checkout.py"})
    say(indexed, "The checkout works again.", START + 3)
    indexed.update()
    found = {(result["kind"], result["tool"]) for result in indexed.results("checkout")}
    assert found == {("prompt", ""), ("command", "Bash"), ("error", "Bash"), ("path", "Read"), ("answer", "")}


def test_a_result_names_session_project_agent_and_time(indexed: Indexed) -> None:
    transcript_prompt(indexed.projects, SESSION, START)
    transcript_call(indexed.projects, SESSION, START, agent_id="a1", tool_input={"command": "make tea"})
    append(transcript(indexed.projects, SESSION), {"type": "ai-title", "aiTitle": "Tea time", "sessionId": SESSION})
    indexed.update()
    (result,) = indexed.results("tea")
    assert result == {
        "session_uuid": SESSION,
        "project": "shop",
        "title": "Tea time",
        "kind": "command",
        "tool": "Bash",
        "agent": "Explore",
        "at": iso(START).replace("Z", "+00:00"),
        "excerpt": [{"text": "make ", "match": False}, {"text": "tea", "match": True}],
    }


def test_a_session_without_a_title_has_the_first_line_of_its_first_prompt(indexed: Indexed) -> None:
    transcript_prompt(indexed.projects, SESSION, START + 2, "Now with milk")
    transcript_prompt(indexed.projects, SESSION, START, "Boil water\nand pour it over the leaves")
    say(indexed, "It is boiling.", START + 3)
    indexed.update()
    assert [result["title"] for result in indexed.results("boiling")] == ["Boil water"]


def test_an_error_is_found_at_the_start_of_its_call_also_if_the_result_was_read_later(indexed: Indexed) -> None:
    call_id = transcript_call(indexed.projects, SESSION, START, tool="WebFetch", took_ms=None)
    indexed.update()
    result = {"type": "tool_result", "tool_use_id": call_id, "content": "no route to host", "is_error": True}
    line(indexed.projects, SESSION, START + 90 * SECOND_US, "user", {"content": [result]})
    indexed.update()
    (error,) = indexed.results("kind:error")
    assert (error["tool"], error["at"]) == ("WebFetch", iso(START).replace("Z", "+00:00"))


def test_an_error_is_found_without_the_tags_around_it_and_as_its_session_shows_it(indexed: Indexed) -> None:
    error = "<tool_use_error>The kettle <tool_use_error> is a teapot.</tool_use_error>"
    transcript_call(indexed.projects, SESSION, START, error=error)
    call(indexed.logs, "of-hooks", START, error=error)
    indexed.update()
    shown = "The kettle <tool_use_error> is a teapot."
    assert indexed.found("kind:error") == [shown, shown]
    reader = HooksReader(indexed.logs, transcript_roots=[indexed.projects])
    for session in (SESSION, "of-hooks"):
        details = reader.get_session_details(session)
        assert details
        assert [use["error"] for use in details["tools"]] == [shown]


def test_the_prompt_of_a_sub_agent_is_a_prompt_and_the_contents_of_files_are_not_indexed(indexed: Indexed) -> None:
    transcript_call(indexed.projects, SESSION, START, tool="Agent", tool_input={"prompt": "Look for oolong"})
    fetch = {"url": "https://teas.example", "prompt": "Which is from Taiwan?"}
    transcript_call(indexed.projects, SESSION, START + 2, tool="WebFetch", tool_input=fetch)
    edit = {"file_path": "/shop/teas.py", "old_string": "oolong", "new_string": "sencha"}
    transcript_call(indexed.projects, SESSION, START + 1, tool="Edit", tool_input=edit)
    indexed.update()
    assert [(one["kind"], one["tool"]) for one in indexed.results("oolong")] == [("prompt", "Agent")]
    assert [(one["kind"], one["tool"]) for one in indexed.results("taiwan")] == [("command", "WebFetch")]
    assert indexed.results("sencha") == []
    assert len(indexed.results("teas.py")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "<task-notification><task-id>b1</task-id>kettle</task-notification>",
        "<local-command-stdout>kettle</local-command-stdout>",
        "[Request interrupted by user] kettle",
    ],
)
def test_what_no_person_wrote_is_no_prompt(indexed: Indexed, text: str) -> None:
    transcript_prompt(indexed.projects, SESSION, START, text)
    indexed.update()
    assert indexed.results("kettle") == []


def test_lines_that_a_fork_copied_are_found_in_the_original_alone(indexed: Indexed) -> None:
    transcript_prompt(indexed.projects, SESSION, START, "boil water")
    origin = {"sessionId": SESSION, "messageUuid": "x"}
    line(indexed.projects, "fork", START, "user", {"role": "user", "content": "boil water"}, forkedFrom=origin)
    indexed.update()
    assert [one["session_uuid"] for one in indexed.results("water")] == [SESSION]


def test_what_a_session_repeats_word_for_word_is_found_where_it_came_first(indexed: Indexed) -> None:
    for number in range(3):
        transcript_call(indexed.projects, SESSION, START + number * SECOND_US, tool_input={"command": "git status"})
    transcript_call(indexed.projects, "other", START, tool_input={"command": "git status"})
    indexed.update()
    found = indexed.results("git")
    assert sorted(one["session_uuid"] for one in found) == [SESSION, "other"]
    assert {one["at"] for one in found} == {iso(START).replace("Z", "+00:00")}


def test_hook_logs_are_read_of_sessions_whose_transcripts_are_not(indexed: Indexed) -> None:
    event(indexed.logs, "lone", "UserPromptSubmit", START, prompt="brew a pot")
    call(indexed.logs, "lone", START + 1, tool_input={"command": "brew --hot"}, error="brew failed", cwd="/srv/pots")
    event(indexed.logs, "lone", "Stop", START + 2, last_assistant_message="I could not brew.")
    known = str(transcript(indexed.projects, SESSION))
    event(indexed.logs, SESSION, "UserPromptSubmit", START, prompt="brew", transcript_path=known)
    indexed.update()
    found = indexed.results("brew")
    assert sorted(one["kind"] for one in found) == ["answer", "command", "error", "prompt"]
    assert {(one["session_uuid"], one["project"]) for one in found} == {("lone", "pots")}


def test_prompts_that_were_queued_during_a_turn_are_found(indexed: Indexed) -> None:
    queued = {"type": "queued_command", "prompt": "also rinse the pot"}
    append(
        transcript(indexed.projects, SESSION),
        json.dumps({"attachment": queued, "type": "attachment", "timestamp": iso(START), "sessionId": SESSION}),
    )
    indexed.update()
    assert indexed.found("rinse") == ["also [rinse] the pot"]


def test_only_what_is_new_is_read(indexed: Indexed) -> None:
    transcript_answer(indexed.projects, SESSION, START)
    call(indexed.logs, "lone", START)
    assert indexed.update() > 0
    assert indexed.update() == 0
    size = transcript(indexed.projects, SESSION).stat().st_size
    transcript_answer(indexed.projects, SESSION, START + 1)
    assert indexed.update() == transcript(indexed.projects, SESSION).stat().st_size - size


def test_damaged_lines_hide_no_others(indexed: Indexed) -> None:
    append(
        transcript(indexed.projects, SESSION), "{torn", "[1, 2]", '"text"', "\udc90".encode("utf-8", "replace").decode()
    )
    append(indexed.logs / "lone" / "pre_tool_use.jsonl", "{torn", '{"tool_input": 5, "tool_name": "X"}')
    transcript_prompt(indexed.projects, SESSION, START, "still here \ud800")
    indexed.update()
    assert indexed.found("here") == ["still [here] \ufffd"]
