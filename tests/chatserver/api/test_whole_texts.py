"""Whole prompts and answers over HTTP: redacted, bounded, and within a viewer's rights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.views.whole_texts import MAX_CHARACTERS
from tests.chatserver.api.test_history import count
from tests.chatserver.api.test_sessions import give_session
from tests.chatserver.world import Person, World
from tests.support.eventful_session import EVENTFUL, SECRET, write_eventful_session
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, event, now_us
from tests.support.synthetic_transcripts import line, transcript, transcript_prompt
from tests.support.transcript_lines import usage

LONG = "Explain every step. " * 1_000


@pytest.fixture
def projects(world: World) -> Path:
    return Path(world.settings.exporter.transcript_roots[0])


def answer(projects: Path, at_us: int, *texts: str, name: str = "msg_1", agent_id: str = "") -> None:
    """Write the lines of one message, one for each of its texts."""
    for number, text in enumerate(texts):
        message = {
            "id": name, "model": "claude-opus-4-6", "content": [{"type": "text", "text": text}], "usage": usage(),
        }  # fmt: skip
        line(projects, "s", at_us + number, "assistant", message, agent_id, requestId=f"req_{name}")


def events(person: Person, kind: str, session: str = "s") -> list[dict[str, Any]]:
    return [one for one in person.get(f"/api/sessions/{session}/events").json["events"] if one["kind"] == kind]


def whole(person: Person, shown: dict[str, Any], session: str = "s") -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/sessions/{session}/events/{shown['id']}/text").json
    return found


def test_a_long_prompt_is_shown_to_its_end_without_its_secrets(projects: Path, admin: Person) -> None:
    text = f"{LONG}The token is {SECRET}. Begin."
    transcript_prompt(projects, "s", now_us() - MINUTE_US, text)
    (prompt,) = events(admin, "prompt")
    found = whole(admin, prompt)
    assert len(prompt["text"]) < 2_001
    assert found["text"].startswith(LONG)
    assert found["text"].endswith("Begin.")
    assert SECRET not in found["text"]
    assert (found["characters"], found["complete"]) == (len(text), True)


def test_an_answer_has_all_texts_of_its_message_once(projects: Path, admin: Person) -> None:
    answer(projects, now_us() - MINUTE_US, "First.", "Then the second.", "First.")
    answer(projects, now_us() - MINUTE_US + SECOND_US, "Another answer.", name="msg_2")
    answer(projects, now_us() - MINUTE_US + 2 * SECOND_US, "Of a sub-agent.", name="msg_3", agent_id="a1")
    texts = [whole(admin, one)["text"] for one in events(admin, "answer")]
    assert texts == ["First.\n\nThen the second.", "Another answer.", "Of a sub-agent."]


def test_a_prompt_that_only_a_hook_reports_is_shown_whole(world: World, admin: Person) -> None:
    (directory,) = world.settings.exporter.sessions_dirs
    for number in range(2):
        event(directory, "s", "UserPromptSubmit", now_us() - MINUTE_US + number, prompt=f"{LONG}{number}")
    assert [whole(admin, one)["text"] for one in events(admin, "prompt")] == [f"{LONG}0", f"{LONG}1"]


def test_a_text_that_is_too_long_is_cut_and_says_so(projects: Path, admin: Person) -> None:
    transcript_prompt(projects, "s", now_us() - MINUTE_US, LONG * 10)
    found = whole(admin, events(admin, "prompt")[0])
    assert MAX_CHARACTERS * 0.99 < len(found["text"]) <= MAX_CHARACTERS
    assert (found["characters"], found["complete"]) == (len(LONG * 10) - 1, False)  # without the space at its end


def test_every_event_has_an_id_of_its_own_that_stays_the_same(world: World, projects: Path, admin: Person) -> None:
    directory = world.settings.exporter.sessions_dirs[0]
    write_eventful_session(directory, projects, now_us() - 20 * MINUTE_US)
    shown = admin.get(f"/api/sessions/{EVENTFUL}/events").json["events"]
    ids = [one["id"] for one in shown]
    assert len(set(ids)) == len(ids) > 5
    count(world, directory)
    assert [one["id"] for one in admin.get(f"/api/sessions/{EVENTFUL}/events").json["events"]] == ids
    for one in shown:
        found = whole(admin, one, EVENTFUL)
        assert SECRET not in found["text"]
        assert found["complete"]


def test_only_those_who_may_see_a_session_see_its_texts(
    world: World, projects: Path, admin: Person, ann: Person
) -> None:
    transcript_prompt(projects, "s", now_us() - MINUTE_US)
    path = f"/api/sessions/s/events/{events(admin, 'prompt')[0]['id']}/text"
    assert ann.get(path).status == 404
    give_session(world, ann.post("/api/tasks", {"description": "x"}).json["task_id"], "s")
    assert ann.get(path).json["text"] == "Make the tests pass"


def test_a_text_whose_file_has_gone_since_is_not_found(projects: Path, admin: Person) -> None:
    transcript_prompt(projects, "s", now_us() - MINUTE_US)
    path = f"/api/sessions/s/events/{events(admin, 'prompt')[0]['id']}/text"
    transcript(projects, "s").unlink()
    assert admin.get(path).status == 404
    assert admin.get("/api/sessions/s/events/0/text").status == 404
