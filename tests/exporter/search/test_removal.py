"""What is removed from the index, and what is kept."""

from __future__ import annotations

import shutil
from itertools import zip_longest

import pytest

from exporter.model.since import FOREVER
from exporter.search.forgetting import forget, forgettable
from exporter.search.index_file import writable_index
from exporter.search.update import IndexUpdate
from tests.exporter.search.indexed import Indexed
from tests.exporter.search.test_texts import SESSION, START, say
from tests.support.synthetic_logs import HOUR_US, append, call, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt

DAY_SECONDS = 86_400
DAY_US = 24 * HOUR_US


@pytest.fixture
def two(indexed: Indexed) -> Indexed:
    """Two sessions of transcripts and one of hooks, in the index."""
    for session, tea in ((SESSION, "assam"), ("other", "sencha")):
        transcript_prompt(indexed.projects, session, START, f"kettle {tea}")
        transcript_call(indexed.projects, session, START, agent_id="a1", tool_input={"command": f"boil {tea}"})
    call(indexed.logs, "lone", START, tool_input={"command": "boil oolong"})
    indexed.update()
    return indexed


def delete(indexed: Indexed, session: str) -> None:
    transcript(indexed.projects, session).unlink()
    shutil.rmtree(transcript(indexed.projects, session).with_suffix(""))


def test_what_is_in_the_index_is_in_its_bytes(two: Indexed) -> None:
    for word in (b"assam", b"sencha", b"oolong"):
        assert word in two.bytes()


def test_what_was_said_goes_with_its_transcript_also_from_the_bytes_of_the_file(two: Indexed) -> None:
    delete(two, "other")
    shutil.rmtree(two.logs / "lone")
    two.update()
    assert two.found("boil") == ["[boil] assam"]
    assert b"sencha" not in two.bytes()
    assert b"oolong" not in two.bytes()


def test_what_was_said_stays_for_the_time_that_was_opted_for(two: Indexed) -> None:
    transcript_prompt(two.projects, "old", now_us() - 40 * DAY_US, "kettle old")
    two.update()
    two.keep(30 * DAY_SECONDS)
    delete(two, "other")
    transcript(two.projects, "old").unlink()
    two.update()
    assert two.found("kettle") == ["[kettle] assam", "[kettle] sencha"]
    two.keep(0)
    two.update()
    assert two.found("kettle") == ["[kettle] assam"]


def test_what_was_said_stays_forever_if_that_was_opted_for(two: Indexed) -> None:
    two.keep(FOREVER)
    shutil.rmtree(two.projects)
    shutil.rmtree(two.logs)
    two.update()
    transcript_prompt(two.projects, "new", START, "kettle new")
    two.update()
    two.keep(FOREVER)
    transcript(two.projects, "new").unlink()
    two.update()
    assert len(two.found("kettle")) == 3
    assert len(two.found("boil")) == 3


def test_a_transcript_that_was_rewritten_is_read_again(two: Indexed) -> None:
    transcript(two.projects, "other").write_text("")
    transcript_prompt(two.projects, "other", START, "teapot instead of what was there before it was rewritten")
    two.update()
    assert two.found("kettle") == ["[kettle] assam"]
    assert len(two.found("teapot")) == 1


def test_a_rotated_hook_log_loses_nothing(two: Indexed) -> None:
    log = two.logs / "lone" / "pre_tool_use.jsonl"
    log.rename(log.with_name("pre_tool_use.jsonl.1"))
    call(two.logs, "lone", START + 1, tool_input={"command": "boil again"})
    two.update()
    two.update()
    assert two.found("boil session:lone") == ["[boil] again", "[boil] oolong"]


def test_a_transcript_that_cannot_be_looked_at_is_not_gone(two: Indexed) -> None:
    two.projects.rename(two.directory / "moved")
    two.projects.symlink_to(two.projects)  # a cycle: neither there nor gone
    two.update()
    assert len(two.found("kettle")) == 2


def test_forgotten_sessions_are_gone_and_never_come_back(two: Indexed) -> None:
    assert forgettable(two.data, "oth").sessions == ("other",)
    removed = forget(two.data, ["other"])
    assert (removed.texts, removed.titles, removed.erased) == (2, 0, True)
    assert b"sencha" not in two.bytes()
    transcript_prompt(two.projects, "other", START + 1, "kettle of other again")
    two.update()
    assert two.found("kettle") == ["[kettle] assam"]
    two.file.unlink()
    two.update()
    assert two.found("kettle") == ["[kettle] assam"]


def test_a_project_is_forgotten_by_its_name_or_its_path(two: Indexed) -> None:
    for name in ("shop", "/home/dev/shop"):
        found = forgettable(two.data, name)
        assert (set(found.sessions), found.project) == ({SESSION, "other"}, name)
    forget(two.data, forgettable(two.data, "shop").sessions)
    two.update()
    assert two.found("kettle") == []
    assert two.found("boil") == ["[boil] oolong"]


def test_a_session_is_forgotten_before_another_process_adds_what_it_has_read(two: Indexed) -> None:
    transcript_prompt(two.projects, "other", START + 1, "second kettle")
    with writable_index(two.data) as connection:
        update = IndexUpdate(connection, two.data, two.sources)
        forget(two.data, ["other"])
        for _ in update.steps():
            pass
    assert two.found("kettle") == ["[kettle] assam"]


def test_two_processes_that_update_one_index_add_everything_once(two: Indexed) -> None:
    for number in range(300):
        say(two, f"cup {number} {'of tea ' * 300}", START + number)
    with writable_index(two.data) as first, writable_index(two.data) as second:
        updates = [IndexUpdate(connection, two.data, two.sources).steps() for connection in (first, second)]
        for _ in zip_longest(*updates):
            pass
    assert two.page("cup")["total"] == 300


def test_lines_appended_to_a_forgotten_list_that_was_cut_are_still_read(two: Indexed) -> None:
    forget(two.data, ["other"])
    append(two.data / "search-forgotten.jsonl", '"torn')
    forget(two.data, [SESSION])
    two.file.unlink()
    two.update()
    assert two.found("kettle") == []
