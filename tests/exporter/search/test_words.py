"""The syntax of searches."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.search.documents import Kind
from exporter.search.words import SearchWordsError, parse_words
from tests.exporter.search.indexed import Indexed
from tests.exporter.search.test_texts import SESSION, START, say


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    indexed = Indexed(Path(tmp_path_factory.mktemp("filled")))
    for number, text in enumerate(
        (
            "deploy the shop to staging",
            "staging deploy failed",
            "Das Café öffnet",
            "git push --no-verify",
            "x NEAR y OR z",
        )
    ):
        say(indexed, text, START + number)
    indexed.update()
    return indexed


@pytest.mark.parametrize(
    ("search", "number"),
    [
        ("deploy", 2),
        ("DEPLOY Staging", 2),
        ('"deploy staging"', 0),
        ('"staging deploy"', 1),
        ('"staging deploy', 1),
        ("depl*", 2),
        ("depl", 0),
        ("sh* stag*", 1),
        ("cafe", 1),
        ("--no-verify", 1),
        ("-verify", 1),
        ("near or", 1),
        ("NOT", 0),
        ("staging/deploy", 1),
        ("https://staging deploy", 0),
        ("kind:answer deploy", 2),
        ("kind:prompt deploy", 0),
        ("kind:prompt kind:answer deploy", 2),
        ("KIND:Answer", 5),
        ("project:shop deploy", 2),
        ("project:SHO", 5),
        ('project:"/home/dev/shop"', 5),
        ("project:nowhere deploy", 0),
        (f"session:{SESSION[:8]}", 5),
        ("session:ffff", 0),
        ("tool:Bash", 0),
    ],
)
def test_words_phrases_beginnings_and_filters(filled: Indexed, search: str, number: int) -> None:
    assert filled.page(search)["total"] == number


@pytest.mark.parametrize("search", ["", "  ", '"', "*", "-- ***", '"" ""', "🙂"])
def test_a_search_for_nothing_says_what_to_write(search: str) -> None:
    with pytest.raises(SearchWordsError, match="there is nothing to search for; give a word"):
        parse_words(search)


@pytest.mark.parametrize(
    ("search", "problem"),
    [
        ("kind:foo", "invalid kind 'foo'; use prompt, command, path, error, answer"),
        ("x" * 501, "the search has 501 characters; use at most 500"),
        ("a " * 33, "the search has 33 words; use at most 32"),
    ],
)
def test_a_search_that_is_invalid_says_why(search: str, problem: str) -> None:
    with pytest.raises(SearchWordsError, match=problem):
        parse_words(search)


def test_a_filter_with_quotes_may_have_spaces() -> None:
    words = parse_words('project:"my shop" tool:Bash tool:Read kind:error x')
    assert (words.projects, words.tools, words.kinds, words.match) == (
        ("my shop",),
        ("Bash", "Read"),
        (Kind.ERROR,),
        '"x"',
    )


SPICE = st.sampled_from(
    [
        '"',
        "*",
        "(",
        ")",
        ":",
        "^",
        "-",
        "+",
        "NEAR(",
        " OR ",
        " NOT ",
        "{",
        "}",
        "text:",
        "kind:",
        "'",
        ";",
        "\0",
        "\\",
        "é",
        "\u0301",
    ]
)


@given(st.lists(st.one_of(SPICE, st.text(max_size=5)), max_size=20).map("".join))
def test_nothing_is_a_syntax_error_for_the_database(filled: Indexed, search: str) -> None:
    try:
        page = filled.page(search)
    except SearchWordsError:
        return
    assert page["complete"]
