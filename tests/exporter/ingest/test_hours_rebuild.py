"""An upgrade from a version that kept no hours of calls: they are found in the files again, and no counter changes."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.ingest.hours_rebuild import DIRECTORY, HoursRebuild
from exporter.ledger.schema import VERSION
from exporter.sources.call_hours import CallKind
from tests.exporter.ingest.test_orders_of_arrival import CALLS, Call, lines_of
from tests.exporter.ingest.witnesses import MAX_LATENESS, Machine, Totals, arrivals, hook, hooked_call, hooked_end
from tests.exporter.ledger.older_ledger import turn_into, version_without
from tests.exporter.ledger.test_call_history import hours_of, read

WITHOUT_HOURS = version_without("call_kinds")
WITHOUT_SESSION_CALLS = version_without("session_calls")
KILLED: list[HoursRebuild] = []  # those whose process was killed, which remove no directory


def rebuild(machine: Machine, steps: int | None = None) -> bool:
    """Rebuild as after a restart, at most some steps; whether nothing is left. It is not closed, as by a kill."""
    with machine.meter() as meter:
        meter.catch_up()
        rebuilding = HoursRebuild(meter)
        KILLED.append(rebuilding)
        return any(not rebuilding.step() for _ in islice(cycle([None]), steps))


def is_incomplete_since(machine: Machine) -> int:
    with machine.meter() as meter:
        return meter.ledger.calls_since_us()


def counted(machine: Machine) -> Totals:
    """All totals but those of what was read."""
    return {key: values for key, values in machine.totals().items() if not key[0].startswith("hookmeter_")}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with ten calls in ten hours, and the ledger of an older version."""
    machine = Machine(tmp_path)
    machine.second = 3_600 * 11
    for number in range(10):
        second = 3_600 * number + 5
        machine.write(hooked_call(second, f"toolu_{number}"), hooked_end(second + 1, f"toolu_{number}", 1))
    return machine


@settings(max_examples=15, derandomize=True)
@given(
    st.lists(CALLS, min_size=2, max_size=6),
    st.booleans(),
    st.lists(st.floats(0, MAX_LATENESS), max_size=12),
    st.dictionaries(st.integers(1, 20), st.sampled_from(["read", "step", "rebuild"]), max_size=4),
    st.tuples(st.integers(1, 15), st.sampled_from([WITHOUT_HOURS, WITHOUT_SESSION_CALLS])),
)
def test_after_any_upgrade_and_kills_hours_are_those_of_a_new_ledger(
    calls: list[Call], ends: bool, lateness: list[float], doings: dict[int, str], upgrade: tuple[int, int]
) -> None:
    lines = lines_of(calls, ends=ends)
    last = max(line.second for line in lines)
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        at_once, upgraded = Machine(Path(whole)), Machine(Path(parts))
        at_once.second = last + MAX_LATENESS
        at_once.write(*lines)
        for number, (second, line) in enumerate(arrivals(lines, lateness)):
            upgraded.second = second
            upgraded.write(line)
            do(upgraded, doings.get(number, ""))
            if number == upgrade[0]:
                upgraded.totals()
                turn_into(upgraded.directory / "data", upgrade[1])
        at_once.second = upgraded.second = last + 3_600
        rebuild(upgraded)
        assert read(upgraded) == read(at_once)
        assert counted(upgraded) == counted(at_once)
        assert is_incomplete_since(upgraded) == 0


def do(machine: Machine, doing: str) -> None:
    """Read what is new, or also rebuild, to the end or for two steps."""
    if doing == "read":
        machine.totals()
    elif doing:
        rebuild(machine, 2 if doing == "step" else None)


def test_a_kill_at_any_step_changes_nothing_until_all_is_taken_over(machine: Machine, tmp_path: Path) -> None:
    hours, totals = read(machine), machine.totals()
    turn_into(tmp_path / "data", WITHOUT_HOURS)
    for steps in range(1, 50):
        if rebuild(machine, steps):
            break
        with machine.meter() as meter:
            assert meter.ledger.call_hours(0, 1 << 40) == {}
            assert meter.ledger.state.hours_are_unread
    assert steps > 1
    assert (read(machine), machine.totals()) == (hours, totals)
    assert rebuild(machine, 1)
    assert not (tmp_path / "data" / DIRECTORY).exists()


def test_lines_that_are_written_meanwhile_count_once(machine: Machine, tmp_path: Path) -> None:
    machine.totals()
    turn_into(tmp_path / "data", WITHOUT_HOURS)
    with machine.meter() as meter:
        meter.catch_up()
        rebuilding, number = HoursRebuild(meter), 100
        while rebuilding.step():
            number += 1
            second = 3_600 * 9 + number  # in the last hour before the upgrade, of which the ledger had a part
            machine.write(hooked_call(second, f"toolu_{number}"), hooked_end(second + 1, f"toolu_{number}", 1))
            meter.catch_up()
        found = hours_of(meter.ledger)
    assert number > 101
    shutil.rmtree(tmp_path / "data")
    assert read(machine) == found


def test_what_was_counted_since_an_earlier_upgrade_is_not_counted_again(machine: Machine, tmp_path: Path) -> None:
    machine.totals()
    turn_into(tmp_path / "data", WITHOUT_HOURS)
    machine.write(hooked_call(3_600 * 9 + 50, "late"), hooked_end(3_600 * 10 + 50, "late", 3_600))
    assert sum(_hours(machine).values()) == 1
    turn_into(tmp_path / "data", VERSION - 1)  # the last one that could not find hours again
    rebuild(machine)
    found = read(machine)
    shutil.rmtree(tmp_path / "data")
    assert read(machine) == found


def test_hours_whose_files_are_gone_stay_unknown(machine: Machine, tmp_path: Path) -> None:
    gone = [hook(0, "SessionStart", source="startup"), hooked_call(3_600 * 3, "g"), hooked_end(3_600 * 4, "g", 3_600)]
    machine.write(*(line._replace(file=line.file.replace("/", "/gone-", 1), text=_of_gone(line.text)) for line in gone))
    hours = read(machine)
    turn_into(tmp_path / "data", WITHOUT_HOURS)
    for directory in (tmp_path / "sessions").glob("gone-*"):
        shutil.rmtree(directory)
    rebuild(machine)
    assert sum(_hours(machine).values()) == sum(hours.values()) - 1
    with machine.meter() as meter:
        last_us = {one.session_id: one.last_us for one in meter.ledger.records.sessions_since(0)}
        assert meter.ledger.calls_since_us() == last_us["gone"]


def test_an_array_that_grows_meanwhile_is_read_as_it_was(tmp_path: Path) -> None:
    machine, log = Machine(tmp_path), tmp_path / "sessions" / "s" / "post_tool_use.json"
    log.parent.mkdir(parents=True)
    machine.second = 7_200
    records = [json.loads(hooked_end(60 + n, f"t{n}", 1).text) for n in range(3)]
    log.write_text(json.dumps(records[:2]))
    machine.totals()
    turn_into(tmp_path / "data", WITHOUT_HOURS)
    with machine.meter() as meter:
        meter.catch_up()
        rebuilding = HoursRebuild(meter)
        assert rebuilding.step()
        log.write_text(json.dumps(records))
        for _ in _steps(rebuilding):
            meter.catch_up()
        found = hours_of(meter.ledger)
    assert sum(found.values()) == 3


def test_a_failure_is_reported_and_costs_nothing_else(
    machine: Machine, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals = machine.totals()
    turn_into(tmp_path / "data", WITHOUT_HOURS)
    (tmp_path / "data" / DIRECTORY).write_text("a file in its place")
    assert rebuild(machine)
    assert "could not be read again" in caplog.text
    assert machine.totals() == totals
    (tmp_path / "data" / DIRECTORY).unlink()
    rebuild(machine)
    assert sum(_hours(machine).values()) == 10


def _steps(rebuilding: HoursRebuild) -> Iterator[None]:
    while rebuilding.step():
        yield


def _hours(machine: Machine) -> dict[CallKind, int]:
    with machine.meter() as meter:
        meter.catch_up()
        return meter.ledger.call_hours(0, 1 << 40)


def _of_gone(text: str) -> str:
    return json.dumps({**json.loads(text), "session_id": "gone"}) + "\n"
