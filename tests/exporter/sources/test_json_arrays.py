"""Arrays of records with faults: each costs the record that has it, and what may still be written is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources.json_arrays import Elements, parse_array, starts_array

Record = dict[str, Any]
RECORDS: list[Record] = [
    {
        "session_id": "s",
        "hook_event_name": "PostToolUse",
        "tool_input": {"command": f'echo "{n}]', "edits": [{"old": "a\n{", "new": "b}"}, {"old": "[", "new": ""}]},
        "tool_response": {"ok": True, "lines": [1, [2]]},
        "text": f"number {n}",
    }
    for n in range(4)
]
LAYOUTS: dict[str, Callable[[list[Record]], str]] = {
    "compact": json.dumps,
    "without blanks": lambda records: json.dumps(records, separators=(",", ":")),
    "a record per line": lambda records: "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n",
    "a record per line after the first": lambda records: "[" + ",\n".join(map(json.dumps, records)) + "]",
    "indented": lambda records: json.dumps(records, indent=2),
}
layouts = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


def numbers(elements: Elements) -> list[int | None]:
    """The number of each record; None for a damaged element."""
    return [
        None if number in elements.damaged else RECORDS.index(json.loads(text))
        for number, text in enumerate(elements.texts)
    ]


@layouts
def test_a_whole_array_has_all_its_records(layout: Callable[[list[Record]], str]) -> None:
    elements = parse_array(layout(RECORDS).encode())
    assert (numbers(elements), elements.is_closed) == ([0, 1, 2, 3], True)


@layouts
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"number 1"', '"number 1'), ('"number 1"', 'number 1"'), ('"number 1"', "number 1"),
        ('"number 1"', '"number 1"x'), ('"number 1"', ""), ('"number 1"', "{"),
        ('"number 1"', '"number 1", "deep": ' + "[" * 100_000 + "]" * 100_000),
        ('echo \\"1]', 'echo "1]'),
    ],
)  # fmt: skip
def test_a_fault_within_a_record_costs_that_record(
    layout: Callable[[list[Record]], str], right: str, wrong: str
) -> None:
    text = layout(RECORDS)
    assert right in text
    elements = parse_array(text.replace(right, wrong).encode())
    assert ([n for n in numbers(elements) if n is not None], elements.is_closed) == ([0, 2, 3], True)
    assert 1 <= len(elements.damaged) <= 2


@layouts
def test_faults_in_two_records_in_a_row_cost_two(layout: Callable[[list[Record]], str]) -> None:
    text = layout(RECORDS).replace('"number 1"', "x").replace('"number 2"', "y")
    assert numbers(parse_array(text.encode())) == [0, None, None, 3]


@pytest.mark.parametrize("last", [",\n]", ",]", ", \n,]"])
def test_a_comma_after_the_last_record_is_an_element_that_is_no_record(last: str) -> None:
    text = LAYOUTS["a record per line"](RECORDS).replace("\n]", last)
    found = numbers(parse_array(text.encode()))
    assert [n for n in found if n is not None] == [0, 1, 2, 3]
    assert found[4] is None


def test_text_between_records_costs_itself() -> None:
    lines = LAYOUTS["a record per line"](RECORDS).splitlines()
    conflict = ["[", "<<<<<<< HEAD", lines[1], "=======", *lines[2:4], ">>>>>>> feature", *lines[4:]]
    elements = parse_array("\n".join(conflict).encode())
    assert (numbers(elements), elements.is_closed) == ([None, 0, None, 1, 2, None, 3], True)


def test_a_conflict_may_start_before_the_bracket() -> None:
    ours, theirs = (LAYOUTS["compact"](records) for records in (RECORDS[:2], RECORDS[2:]))
    text = f"<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> feature\n".encode()
    assert starts_array(text)
    assert [n for n in numbers(parse_array(text)) if n is not None] == [0, 1, 2, 3]


def test_records_without_a_comma_between_them_are_whole() -> None:
    text = LAYOUTS["a record per line"](RECORDS).replace("},\n", "}\n")
    assert numbers(parse_array(text.encode())) == [0, 1, 2, 3]


def test_the_rest_of_an_older_longer_array_costs_itself() -> None:
    whole = LAYOUTS["indented"](RECORDS)
    elements = parse_array((whole + whole[-40:]).encode())
    assert numbers(elements) == [0, 1, 2, 3, None]


@layouts
def test_at_any_length_the_records_that_are_whole_are_found_and_no_fault(
    layout: Callable[[list[Record]], str],
) -> None:
    text = layout(RECORDS)
    ends = [text.index(f'"number {n}"') for n in range(4)]
    for length in range(1, len(text.rstrip())):
        elements = parse_array(text[:length].encode())
        found = numbers(elements)
        assert found == list(range(len(found)))
        assert not elements.is_closed
        assert 0 <= sum(end < length for end in ends) - len(found) <= 1


@layouts
def test_the_end_of_an_array_without_a_bracket_is_left_out_however_damaged(
    layout: Callable[[list[Record]], str],
) -> None:
    text = layout(RECORDS).replace('"number 1"', "x").replace('"number 3"', "y").rstrip().removesuffix("]")
    elements = parse_array(text.encode())
    assert (numbers(elements), elements.is_closed) == ([0, None, 2], False)


@given(st.sampled_from(sorted(LAYOUTS)), st.floats(0, 1, exclude_max=True), st.sampled_from(b'x"\\{}[],0\xff '))
def test_a_wrong_byte_anywhere_costs_one_record_at_most(layout: str, place: float, byte: int) -> None:
    text = LAYOUTS[layout](RECORDS).encode().rstrip()
    first = text.index(b"session_id")
    at = first + int(place * (len(text) - 1 - first))
    found = []
    for element in parse_array(text[:at] + bytes([byte]) + text[at + 1 :]).texts:
        try:
            found.append(RECORDS.index(json.loads(element)))
        except ValueError:
            continue
    assert found == sorted(set(found))
    assert len(found) >= len(RECORDS) - 1


@pytest.mark.parametrize(
    "head",
    [
        b"[",
        b" [ \r\n",
        b"[\n\n  {",
        b'[{"a":1}]',
        b'[ {"a"',
        b"[]",
        b"[ ]\n \n",
        b"[\n]",
        b"[\n<<<<<<< HEAD\n{",
        b"[,{",
    ],
)
def test_a_bracket_before_a_record_or_the_end_of_the_line_starts_an_array(head: bytes) -> None:
    assert starts_array(head)


@pytest.mark.parametrize(
    "head",
    [b"", b"{", b"[2026-11-28 20:00:00] started\n{", b"[INFO] {", b"[12:30] x", b"[]\n{", b"[ ] x", b"x[", b"[1]\n{"],
)
def test_text_in_brackets_and_an_empty_array_before_other_lines_are_lines(head: bytes) -> None:
    assert not starts_array(head)
