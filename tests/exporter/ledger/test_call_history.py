"""The calls of each hour in the ledger: all that it counts, once, by the hour of their ends."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.ledger.store import Ledger
from exporter.model.bounds import MAX_CALL_US
from exporter.model.records import ErrorCategory, Outcome
from exporter.sources.call_hours import HOUR_US, UNKNOWN_DURATION, CallKind, bucket_of, duration_of
from tests.exporter.ingest.generated_sessions import GENERATED_SESSIONS, GeneratedSession
from tests.exporter.ingest.witnesses import Machine, arrivals, readings_in_any_order
from tests.exporter.ledger.older_ledger import turn_into, version_without
from tests.support.synthetic_logs import SECOND_US, call, now_us

ALWAYS = 1 << 40


def hours_of(ledger: Ledger) -> dict[CallKind, int]:
    """The calls of all hours, of which there are as many as the ledger has counted."""
    hours = ledger.call_hours(0, ALWAYS)
    counted: Counter[tuple[str, str, Outcome]] = Counter()
    session_ids = [session.session_id for session in ledger.records.sessions_since(0)]
    for session_id, facts in ledger.records.facts(session_ids).items():
        counted += facts.calls
        presumed = ledger.load_session(session_id).pairing.presumed  # they are not counted yet
        counted -= Counter((found.tool, found.agent, found.outcome) for found in presumed)
    by_caller: Counter[tuple[str, str, Outcome]] = Counter()
    for kind, calls in hours.items():
        by_caller[kind.tool, kind.agent, kind.outcome] += calls
    assert by_caller == +counted
    return hours


def read(machine: Machine) -> dict[CallKind, int]:
    with machine.meter() as meter:
        meter.catch_up()
        return hours_of(meter.ledger)


@settings(max_examples=30, derandomize=True)
@given(GENERATED_SESSIONS)
def test_every_call_is_in_one_hour_whatever_order_lines_arrive_in(session: GeneratedSession) -> None:
    readings_in_any_order(session.lines, arrivals(session.lines, session.lateness), session.reads, read)


def test_calls_have_their_hour_tool_agent_outcome_category_and_duration(tmp_path: Path) -> None:
    now = now_us() // HOUR_US * HOUR_US - HOUR_US
    call(tmp_path / "logs", "s", now, tool="Read", took_ms=12)
    call(tmp_path / "logs", "s", now + SECOND_US, tool="Read", took_ms=12)
    call(tmp_path / "logs", "s", now + 2 * SECOND_US, error="Exit code 1", agent_id="a", agent_type="Explore")
    call(tmp_path / "logs", "s", now - SECOND_US, took_ms=500)
    with open_ledger(tmp_path / "data", 200) as ledger:
        Meter([str(tmp_path / "logs")], ledger).catch_up()
        hour, found = now // HOUR_US, hours_of(ledger)
        failed = next(kind for kind in found if kind.outcome is Outcome.ERROR)
        assert failed[:5] == (hour, "Bash", "Explore", Outcome.ERROR, ErrorCategory.COMMAND_FAILED)
        assert found[CallKind(hour, "Read", "main", Outcome.SUCCESS, None, bucket_of(12_000))] == 2
        assert found[CallKind(hour - 1, "Bash", "main", Outcome.SUCCESS, None, bucket_of(500_000))] == 1
        assert set(ledger.call_hours(hour, hour + 1)) == {kind for kind in found if kind.hour == hour}
        assert ledger.calls_since_us() == 0


@pytest.mark.parametrize("duration_us", [1_000, 1_001, 12_345, 999_999, 60_000_000, MAX_CALL_US])
def test_a_bucket_stands_for_a_duration_within_six_percent(duration_us: int) -> None:
    assert duration_of(bucket_of(duration_us)) == pytest.approx(duration_us, rel=0.06)


@pytest.mark.parametrize("duration_us", [None, MAX_CALL_US + 1])
def test_an_implausible_duration_is_unknown(duration_us: int | None) -> None:
    assert bucket_of(duration_us) == UNKNOWN_DURATION


def test_a_ledger_of_an_older_version_says_from_when_on_calls_have_their_hours(tmp_path: Path) -> None:
    call(tmp_path / "logs", "s", now_us() - HOUR_US, took_ms=12)
    with open_ledger(tmp_path / "data", 200) as ledger:
        Meter([str(tmp_path / "logs")], ledger).catch_up()
        (session,) = ledger.records.sessions_since(0)
    turn_into(tmp_path / "data", version_without("call_kinds"))
    with open_ledger(tmp_path / "data", 200) as ledger:
        assert ledger.calls_since_us() == session.last_us
        assert ledger.call_hours(0, ALWAYS) == {}
