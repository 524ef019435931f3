"""Results that are written long after a call has been counted: pages show them, counters keep what they have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exporter.hooks_reader import HooksReader
from tests.exporter.ingest.witnesses import Machine, Written, answered, hook, hooked_call, hooked_end, used
from tests.support.transcript_lines import SESSION

FILLED_IN = "[Tool call interrupted: the session ended before this call's result was recorded]"
UNKNOWN = ("unknown", "inferred", None)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def reader(machine: Machine) -> HooksReader:
    """A reader that continues while files grow, as that of the server does."""
    roots = [machine.directory / "projects"]
    return HooksReader(machine.directory / "sessions", clock=machine.now, transcript_roots=roots)


def shown(reader: HooksReader) -> tuple[Any, ...]:
    """The outcome of the only call, what reports it, and its error, as the page of the session shows them."""
    details = reader.get_session_details(SESSION)
    assert details
    (use,) = details["tools"]
    assert details["summary"]["error_count"] == (use["outcome"] == "error")
    return use["outcome"], use["source"], use["error"]


@pytest.mark.parametrize("is_there", [False, True], ids=["no transcript", "a transcript without the result"])
@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (answered(9, "a"), ("success", "transcript", None)),
        (answered(9, "a", error="Exit code 2"), ("error", "transcript", "Exit code 2")),
        (answered(9, "a", error=FILLED_IN, toolDenialKind="interrupted"), UNKNOWN),
    ],
)
def test_the_result_of_a_late_transcript_is_shown_and_not_counted_again(
    machine: Machine, reader: HooksReader, is_there: bool, result: Written, expected: tuple[Any, ...]
) -> None:
    start = used(1, 1, "a")
    machine.write(hooked_call(1, "a"), hook(20, "Stop"), *([start] if is_there else []))
    machine.second = 600
    assert machine.calls() == {"unknown": 1}
    assert shown(reader) == UNKNOWN
    machine.write(*([] if is_there else [start]), result)
    machine.second = 1200
    assert shown(reader) == expected
    assert shown(reader) == expected
    assert machine.calls() == {"unknown": 1}


def test_the_end_of_a_late_hook_log_is_shown_and_not_counted_again(machine: Machine, reader: HooksReader) -> None:
    machine.write(hooked_call(1, "a"), hook(20, "Stop"))
    machine.second = 600
    assert machine.calls() == {"unknown": 1}
    assert shown(reader) == UNKNOWN
    machine.write(hooked_end(9, "a", 2.5, error="Exit code 2"))
    assert shown(reader) == ("error", "hook", "Exit code 2")
    assert machine.calls() == {"unknown": 1}


def test_a_result_is_shown_of_a_call_that_was_open_for_a_day(machine: Machine, reader: HooksReader) -> None:
    machine.write(hooked_call(1, "a"))
    machine.second = 25 * 3600
    assert shown(reader) == UNKNOWN
    machine.write(used(1, 1, "a"), answered(9, "a"))
    assert shown(reader) == ("success", "transcript", None)


def test_a_page_that_is_opened_later_shows_the_same(machine: Machine, reader: HooksReader) -> None:
    machine.write(hooked_call(1, "a"), hook(20, "Stop"), used(1, 1, "a"))
    machine.second = 600
    assert shown(reader) == UNKNOWN
    machine.write(answered(9, "a", error="Exit code 2"))
    opened = HooksReader(
        machine.directory / "sessions", clock=machine.now, transcript_roots=[machine.directory / "projects"]
    )
    assert reader.get_session_details(SESSION) == opened.get_session_details(SESSION)
