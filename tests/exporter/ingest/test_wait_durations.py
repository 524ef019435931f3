"""How long calls waited for people, as the histogram counts it: once, over restarts, and on all paths alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.counting.catalog import WAIT_DURATION
from exporter.ingest.follow import SessionGroup
from exporter.ingest.session_log import SessionLog
from exporter.model.session_events import EventKind
from tests.exporter.ingest.witnesses import (
    REJECTED,
    Machine,
    Written,
    answered,
    hook,
    hooked_call,
    hooked_end,
    used,
)
from tests.support.transcript_lines import SESSION

SECOND_US = 1_000_000
PERMISSION, QUESTION = "permission", "question"


def requested(second: float, call_id: str, tool: str = "Bash") -> Written:
    return hook(second, "PermissionRequest", tool_name=tool, tool_input={"command": call_id})


ALLOWED = [hooked_call(10, "a"), requested(10.5, "a"), hooked_end(40, "a", 4)]
DENIED_BY_HOOK = [
    hooked_call(10, "d"),
    requested(11, "d"),
    hook(26, "PermissionDenied", tool_name="Bash", tool_use_id="d", tool_input={"command": "d"}, reason="no"),
]
DENIED_BY_PERSON = [
    used(9, 1, "p"),
    hooked_call(10, "p"),
    requested(11, "p"),
    answered(61, "p", error=REJECTED, toolDenialKind="user-rejected", toolDenialBeforeRun=True),
]
ASKED = [hooked_call(10, "q", "AskUserQuestion"), hooked_end(110, "q", 0, tool="AskUserQuestion")]
ASKED_WITH_REQUEST = [*ASKED, requested(10.1, "q", "AskUserQuestion")]
NOT_ASKED = [hooked_call(10, "n"), hooked_end(40, "n", 30)]
NEVER_ENDED = [hooked_call(10, "e"), requested(11, "e")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.second = 900
    return machine


def waits(machine: Machine) -> dict[str, tuple[int, float]]:
    """The number of waits and their sum in seconds, by reason."""
    found = {key: values for key, values in machine.totals().items() if key[0] == WAIT_DURATION.name}
    return {labels[0]: (sum(counts), total / SECOND_US) for (_, labels), (*counts, total) in found.items()}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (ALLOWED, {PERMISSION: (1, 25.5)}),
        (DENIED_BY_HOOK, {PERMISSION: (1, 15)}),
        (DENIED_BY_PERSON, {PERMISSION: (1, 50)}),
        (ASKED, {QUESTION: (1, 100)}),
        (ASKED_WITH_REQUEST, {QUESTION: (1, 100)}),
        (NOT_ASKED, {}),
        (NEVER_ENDED, {}),
    ],
)
def test_a_wait_lasts_until_a_person_has_decided(
    machine: Machine, lines: list[Written], expected: dict[str, tuple[int, float]]
) -> None:
    machine.write(*lines)
    assert waits(machine) == expected


def test_a_wait_counts_once_if_the_exporter_restarts_while_it_lasts(machine: Machine) -> None:
    for line in (*ALLOWED, *DENIED_BY_PERSON, *ASKED):
        machine.write(line)
        before = waits(machine)
    assert before == waits(machine) == {PERMISSION: (2, 75.5), QUESTION: (1, 100)}


def test_a_session_that_is_read_at_once_has_the_same_waits(machine: Machine) -> None:
    others = [line for n in range(20) for line in (hooked_call(200 + n, f"o{n}", "Read"), _end(200.5 + n, f"o{n}"))]
    machine.write(*others, *ALLOWED, *ASKED)
    assert waits(machine) == {PERMISSION: (1, 25.5), QUESTION: (1, 100)}


def test_the_page_of_the_session_has_the_same_waits_for_permission(machine: Machine, tmp_path: Path) -> None:
    machine.write(*ALLOWED, *DENIED_BY_HOOK)
    log = SessionLog(SESSION, (SessionGroup((str(tmp_path / "sessions" / SESSION),)),))
    log.refresh(lambda *_: None, machine.now())
    events = [event for event in log.events(lambda *_: None) if event.kind is EventKind.PERMISSION]
    lengths = [event.until_us - event.time_us for event in events if event.until_us]
    assert (len(lengths), sum(lengths) / SECOND_US) == waits(machine)[PERMISSION]


def _end(second: float, call_id: str) -> Written:
    return hooked_end(second, call_id, 0.4, tool="Read")
