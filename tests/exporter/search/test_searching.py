"""The order of results, pages of them, their excerpts, and who may see them."""

from __future__ import annotations

import sqlite3

import pytest

from exporter.search.index_file import SearchIndexError, readable_index
from exporter.search.searching import MAX_RANKED, Wanted, search
from exporter.search.words import parse_words
from tests.exporter.search.indexed import Indexed, excerpt
from tests.exporter.search.test_texts import SESSION, START, say
from tests.support.synthetic_logs import HOUR_US
from tests.support.synthetic_transcripts import transcript_prompt

DAY_US = 24 * HOUR_US


def test_of_equal_texts_the_newest_is_first(indexed: Indexed) -> None:
    for number in (2, 0, 1):
        say(indexed, f"kettle {'abc'[number]}", START - number * 10 * DAY_US)
    indexed.update()
    assert [excerpt(one) for one in indexed.results("kettle")] == ["[kettle] a", "[kettle] b", "[kettle] c"]


def test_a_text_about_the_words_is_before_a_slightly_newer_one_that_mentions_them(indexed: Indexed) -> None:
    say(indexed, "kettle kettle", START - HOUR_US)
    say(indexed, f"the kettle {'and much else ' * 50}", START)
    say(indexed, "nothing", START)
    indexed.update()
    assert excerpt(indexed.results("kettle")[0]) == "[kettle] [kettle]"


def test_results_come_by_the_page(indexed: Indexed) -> None:
    for number in range(5):
        say(indexed, f"cup {number}", START + number)
    indexed.update()
    pages = [indexed.page("cup", limit=2, cursor=cursor) for cursor in (0, 2, 4, 6)]
    assert [page["next_cursor"] for page in pages] == [2, 4, None, None]
    assert [page["total"] for page in pages] == [5] * 4
    assert sorted(excerpt(one) for page in pages for one in page["results"]) == [f"[cup] {n}" for n in range(5)]


def test_of_very_many_matches_the_newest_are_ranked(indexed: Indexed) -> None:
    for number in range(MAX_RANKED + 1):
        say(indexed, f"cup {number:05d}", START + number * 1000)
    indexed.update()
    page = indexed.page("cup", cursor=MAX_RANKED - 1)
    assert (page["total"], page["total_is_minimum"]) == (MAX_RANKED, True)
    assert excerpt(page["results"][0]) == "[cup] 00001"
    assert indexed.page("kind:answer")["total_is_minimum"]


def test_only_the_span_that_is_wanted_is_searched(indexed: Indexed) -> None:
    for number in range(4):
        say(indexed, f"cup {number}", START - number * DAY_US)
    indexed.update()
    page = indexed.page("cup", since_us=START - 2 * DAY_US, until_us=START)
    assert sorted(map(excerpt, page["results"])) == ["[cup] 1", "[cup] 2"]


def test_an_excerpt_is_where_the_words_are_and_has_no_markup(indexed: Indexed) -> None:
    say(indexed, f"{'water ' * 100} <b>tea</b> & \x02milk\x03 {'water ' * 100}")
    indexed.update()
    (result,) = indexed.results("milk tea")
    assert "<b>[tea]</b> & [milk]" in excerpt(result)
    assert excerpt(result).startswith("…")
    assert len(excerpt(result)) < 400


def test_only_sessions_that_may_be_seen_are_searched(indexed: Indexed) -> None:
    transcript_prompt(indexed.projects, SESSION, START, "make tea")
    transcript_prompt(indexed.projects, "other", START, "make tea")
    indexed.update()
    for text in ("tea", "kind:prompt", "session:o", "project:shop"):
        assert [one["session_uuid"] for one in indexed.page(text, sessions={"other"})["results"]] == ["other"]
        assert indexed.page(text, sessions=set())["total"] == 0
    assert indexed.page(f"session:{SESSION}", sessions={"other"})["total"] == 0


def test_without_an_index_nothing_is_found_and_the_page_says_that_it_is_incomplete(indexed: Indexed) -> None:
    assert indexed.page("tea") == {
        "results": [],
        "total": 0,
        "total_is_minimum": False,
        "next_cursor": None,
        "complete": False,
        "indexed_at": None,
    }


def test_a_search_that_takes_too_long_ends_with_a_sentence(indexed: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        say(indexed, f"cup {number}", START + number)
    indexed.update()
    monkeypatch.setattr("exporter.search.searching.READ_SECONDS", -1.0)
    monkeypatch.setattr("exporter.search.searching.CHECK_INTERVAL", 100)
    with readable_index(indexed.data) as connection:
        assert isinstance(connection, sqlite3.Connection)
        with pytest.raises(SearchIndexError, match="takes too long; add a word or a filter"):
            search(connection, Wanted(parse_words("cup")), START)
