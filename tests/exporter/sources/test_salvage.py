"""Whole lines that follow a torn line, or one another, without a newline between them."""

from __future__ import annotations

import json

import pytest

from exporter.sources.salvage import salvaged_lines


def line(number: int, **fields: object) -> bytes:
    start = {"logged_at": "2026-02-15T14:53:16Z", "session_id": "s", "hook_event_name": "Stop"}
    return json.dumps({**start, "tool_use_id": str(number), **fields}, separators=(",", ":")).encode()


WHOLE = line(0)


def found(line: bytes) -> list[bytes]:
    return [whole.text for whole in salvaged_lines(line)[0]]


def is_torn(line: bytes) -> bool:
    return salvaged_lines(line)[1]


@pytest.mark.parametrize("torn", [WHOLE[:60], WHOLE[:-1], WHOLE[:1], b'{"tool":"x', b"\0\0\0", b"\xff", b"text "])
def test_the_whole_line_after_a_torn_one_is_found_with_its_own_text(torn: bytes) -> None:
    assert salvaged_lines(torn + WHOLE)[0][0].decoded.tool_use_id == "0"
    assert (found(torn + WHOLE), is_torn(torn + WHOLE)) == ([WHOLE], True)


@pytest.mark.parametrize("between", [b"", b" ", b"\r"])
def test_salvaged_lines_after_one_another_are_found_and_nothing_is_torn(between: bytes) -> None:
    lines = [line(1), line(2, tool_input={"tool": "x"}, note="{"), line(3, tool_calls=[{"tool_name": "x"}])]
    assert (found(between.join(lines)), is_torn(between.join(lines))) == (lines, False)
    assert is_torn(b"\xef\xbb\xbf" + between.join(lines)) is False


def test_the_whole_line_before_a_torn_one_is_found() -> None:
    assert (found(WHOLE + line(1)[:50]), is_torn(WHOLE + line(1)[:50])) == ([WHOLE], True)


def test_the_salvaged_lines_around_a_torn_one_are_found() -> None:
    damaged = line(1) + line(2)[:50] + line(3)
    assert (found(damaged), is_torn(damaged)) == ([line(1), line(3)], True)


def test_a_whole_line_keeps_bytes_that_are_not_utf_8() -> None:
    odd = line(1).replace(b"Stop", b"St\xffp")
    assert found(WHOLE[:20] + odd) == [odd]


@pytest.mark.parametrize("text", [WHOLE[:-1], b'{"a":' + WHOLE + b"}x", b"[" + WHOLE + b"," + WHOLE + b"]", b"text"])
def test_nothing_is_found_where_there_is_no_whole_line(text: bytes) -> None:
    assert (found(text), is_torn(text)) == ([], True)


@pytest.mark.parametrize("text", [b"", b" \r"])
def test_a_blank_line_is_not_torn(text: bytes) -> None:
    assert not is_torn(text)


def test_no_depth_of_nesting_and_no_number_of_starts_takes_long() -> None:
    for text in (b'{"tool":' * 100_000, b'{"tool":[' * 100_000 + b"]}" * 50_000, b'{"tool":"x' * 100_000):
        assert (found(text), is_torn(text)) == ([], True)
