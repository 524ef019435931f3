"""Texts from logs and paths, prepared for where they go."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.text import MAX_LABEL_CHARACTERS, encodable, label_value, path_text, printable

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates, too
# Controls, format characters (bidirectional, zero-width), surrogates, private use, unassigned, line separators.
RAW = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANY_TEXT)
def test_a_printable_text_has_one_line_and_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert not RAW.intersection(map(unicodedata.category, shown))
    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    shown.encode()


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"])))
def test_letters_digits_marks_and_symbols_of_all_scripts_are_shown_unchanged(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "\x9b2J", "\x00", "\x08", "\r", "\n", "\u202e", "\u2066", "\u200b", "\u200f", "\u2028", "\ufeff"],
)
def test_a_character_that_controls_hides_or_reorders_is_a_space(text: str) -> None:
    assert printable(f"a{text}b") == f"a {text[1:]}b"


@given(ANY_TEXT)
def test_a_label_is_printable_and_bounded(text: str) -> None:
    value = label_value(text)
    assert value == printable(value) == label_value(value)
    assert len(value) == min(len(text), MAX_LABEL_CHARACTERS)


@given(ANY_TEXT)
def test_a_text_for_json_can_be_encoded_and_loses_nothing_else(text: str) -> None:
    encoded = encodable(text).encode()
    assert encoded.decode() == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


@given(st.binary(), st.binary())
def test_different_paths_stay_different_as_text(one: bytes, other: bytes) -> None:
    texts = [path_text(path.decode("utf-8", "surrogateescape")) for path in (one, other) if b"\\" not in path]
    assert len(set(texts)) == len({one, other} - {path for path in (one, other) if b"\\" in path})
    assert all(text.encode() for text in texts if text)
