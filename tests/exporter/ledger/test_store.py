"""The ledger: what one transaction writes, what the state has after it, and what can be read back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.counting.batch import Batch
from exporter.counting.catalog import COST, SUBAGENTS_STARTED, TOOL_CALL_DURATION, TOOL_CALLS
from exporter.counting.messages import CountedMessage, Origin
from exporter.counting.session_count import SessionCount
from exporter.ledger.failures import LedgerWriteError
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.seen_rows import MAX_SEEN_ROWS
from exporter.ledger.store import Ledger
from exporter.model.bounds import MAX_INTEGER
from exporter.model.records import Outcome, Usage
from exporter.model.sessions import WINDOW_US
from exporter.prices.table import Cost
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.open_calls import OpenCall
from exporter.sources.positions import Position
from tests.support.full_disk import full_disk

NOW_US = 10 * WINDOW_US
FILE = LogFile("/logs/s", "events.jsonl", 1, 2, 3, 4)
ORIGIN = Origin("opus", "main", "shop", "s")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path, 200) as ledger:
        yield ledger


@pytest.fixture
def database(ledger: Ledger, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection to the database of the ledger."""
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    yield connection
    connection.close()


def batch_of(count: SessionCount, *, last_us: int = NOW_US) -> Batch:
    """A batch with one of everything, in one session."""
    batch = Batch()
    count.session.last_us = last_us
    batch.sessions[count.session.session_id] = count
    batch.read_files.append(KnownFile(FILE, Position(3, b"tail")))
    batch.new_files.add((FILE.directory, FILE.name))
    batch.counted.increments.count(TOOL_CALLS, ("Bash", "main", Outcome.SUCCESS))
    batch.counted.increments.observe(TOOL_CALL_DURATION, 5, ("Bash",))
    batch.spending.messages[1] = CountedMessage(1, NOW_US, ORIGIN, Usage(input=1), Cost(7, 0, 0))
    batch.spending.spent[3, ORIGIN] += 7
    return batch


def new_count() -> SessionCount:
    count = SessionCount.new("s")
    count.pairing.open["key"] = OpenCall("Bash", "", "main", 5, b"{}")
    count.pairing.remember("seen")
    return count


def test_the_state_after_a_commit_is_the_state_after_reopening(tmp_path: Path) -> None:
    with open_ledger(tmp_path, 200) as ledger:
        ledger.commit(batch_of(new_count()), NOW_US)
        before = ledger.state
    with open_ledger(tmp_path, 200) as ledger:
        ledger.load_recent_sessions(NOW_US)
        ledger.load_spent(0)
        after = ledger.state
    assert (after.totals, after.files, after.open_tools) == (before.totals, before.files, before.open_tools)
    assert (after.sessions, after.spent, after.size_bytes) == (before.sessions, before.spent, before.size_bytes)


def test_a_session_is_loaded_with_its_open_calls_and_seen_keys(ledger: Ledger) -> None:
    ledger.commit(batch_of(new_count()), NOW_US)
    found = ledger.load_session("s")
    assert (found.session.last_us, found.is_new, found.had_open) == (NOW_US, False, True)
    assert found.pairing.open["key"].has_input(b"{}")
    assert not found.pairing.remember("seen")
    assert ledger.load_session("other").is_new


def test_a_failed_commit_changes_neither_the_state_nor_the_database(
    ledger: Ledger, database: sqlite3.Connection
) -> None:
    ledger.commit(batch_of(new_count()), NOW_US)
    with full_disk(), pytest.raises(LedgerWriteError, match="disk I/O error"):
        ledger.commit(batch_of(SessionCount.new("other")), NOW_US)
    assert ledger.state.totals.counters == {(TOOL_CALLS.name, ("Bash", "main", "success")): 1}
    assert ledger.state.sessions.keys() == {"s"}
    assert (ledger.state.changes, ledger.state.write_errors) == (1, 1)
    assert database.execute("SELECT value FROM counters").fetchall() == [(1,)]
    assert ledger.load_session("other").is_new


def test_a_batch_with_a_value_that_sqlite_cannot_store_changes_nothing_and_is_no_write_error(ledger: Ledger) -> None:
    for odd in (Origin("opus", "main", "bad\udcff", "s"), ORIGIN):
        batch = batch_of(new_count())
        batch.spending.messages[2] = CountedMessage(2, NOW_US, odd, Usage(), Cost(1 << 80, 0, 0))
        for write in (ledger.dry_run, lambda batch: ledger.commit(batch, NOW_US)):
            with pytest.raises((OverflowError, UnicodeEncodeError)):
                write(batch)
    assert (ledger.state.changes, ledger.state.write_errors, ledger.state.totals.counters) == (0, 0, {})
    ledger.commit(batch_of(new_count()), NOW_US)
    assert ledger.session_messages("s").keys() == {1}


def test_a_dry_run_changes_nothing(ledger: Ledger, database: sqlite3.Connection) -> None:
    ledger.dry_run(batch_of(new_count()))
    assert database.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    assert ledger.load_session("s").is_new
    assert ledger.state.changes == 0


def test_sums_end_at_the_largest_integer_and_never_decrease(tmp_path: Path) -> None:
    for _ in range(3):
        with open_ledger(tmp_path, 200) as ledger:
            batch = batch_of(ledger.load_session("s"))
            batch.counted.increments.count(COST, ("opus", "main", "shop"), MAX_INTEGER - 5)
            batch.counted.increments.observe(TOOL_CALL_DURATION, MAX_INTEGER - 5, ("Read",))
            batch.spending.spent[4, ORIGIN] += 2 * MAX_INTEGER
            ledger.commit(batch, NOW_US)
    with open_ledger(tmp_path, 200) as ledger:
        totals = ledger.state.totals
        assert totals.counters[COST.name, ("opus", "main", "shop")] == MAX_INTEGER
        assert totals.counters[TOOL_CALLS.name, ("Bash", "main", "success")] == 3
        assert totals.distributions[TOOL_CALL_DURATION.name, ("Read",)].sum == MAX_INTEGER
        assert sum(totals.distributions[TOOL_CALL_DURATION.name, ("Read",)].counts) == 3
        assert sum(ledger.spent_by_model_and_project(4).values()) == MAX_INTEGER


def test_messages_of_one_origin_share_its_row(ledger: Ledger, database: sqlite3.Connection) -> None:
    for key in (1, 2):
        batch = batch_of(ledger.load_session("s"))
        batch.spending.messages[key] = CountedMessage(key, NOW_US, ORIGIN, Usage(output=key), None)
        ledger.commit(batch, NOW_US)
    assert database.execute("SELECT count(*) FROM origins").fetchone() == (1,)
    assert ledger.session_messages("s").keys() == ledger.counted_messages([1, 2, 3]).keys() == {1, 2}
    assert {message.origin for message in ledger.session_messages("s").values()} == {ORIGIN}
    assert sum(ledger.spent_by_model_and_project(0).values()) == 14


def test_small_rows_of_seen_keys_are_merged_and_large_ones_are_left(
    ledger: Ledger, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.ledger.seen_rows.LARGE_ROW", 1000)
    for minimum in (10, 100_000):  # keys that are kept in memory, and keys that are loaded each time
        monkeypatch.setattr("exporter.ledger.session_reading.MIN_KEYS", minimum)
        for number in range(500):
            count = ledger.load_session("s")
            assert count.pairing.remember(f"{minimum} {number}")
            ledger.commit(batch_of(count), NOW_US)
    lengths = [length for (length,) in database.execute("SELECT length(keys) FROM seen")]
    assert len(lengths) < MAX_SEEN_ROWS + 20
    assert max(lengths) < 2000
    count = ledger.load_session("s")
    assert not any(count.pairing.remember(f"{kind} {number}") for kind in (10, 100_000) for number in range(500))
    keys = [key for (keys,) in database.execute("SELECT keys FROM seen") for key in keys.split("\n")]
    assert len(keys) == len(set(keys)) == 1000


def test_a_further_line_of_a_long_session_loads_no_keys(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.ledger.session_reading.MIN_KEYS", 100)
    commit_keys(ledger, *map(str, range(100)))
    assert "0" in ledger.load_session("s").pairing.seen
    statements: list[str] = []
    ledger._connection.set_trace_callback(statements.append)
    commit_keys(ledger, "new")
    count = ledger.load_session("s")
    ledger._connection.set_trace_callback(None)
    assert [key for key in ("0", "99", "new", "newer") if key in count.pairing.seen] == ["0", "99", "new"]
    assert not [statement for statement in statements if "FROM seen" in statement]


def test_keys_of_a_long_session_that_could_not_be_written_are_not_seen(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.ledger.session_reading.MIN_KEYS", 100)
    commit_keys(ledger, *map(str, range(100)))
    commit_keys(ledger, "loaded")
    with full_disk(), pytest.raises(LedgerWriteError):
        commit_keys(ledger, "lost")
    commit_keys(ledger, "lost")


def commit_keys(ledger: Ledger, *keys: str) -> None:
    """Count new keys of a session."""
    count = ledger.load_session("s")
    assert all(count.pairing.remember(key) for key in keys)
    ledger.commit(batch_of(count), NOW_US)


def test_seen_keys_are_compacted_into_one_row(ledger: Ledger, database: sqlite3.Connection) -> None:
    rows = []
    for number in range(MAX_SEEN_ROWS + 2):
        count = ledger.load_session("s")
        assert count.pairing.remember(f"key {number}")
        ledger.commit(batch_of(count), NOW_US)
        rows.append(database.execute("SELECT count(*) FROM seen").fetchone()[0])
    assert rows == [*range(1, MAX_SEEN_ROWS + 2), 1]
    assert len(ledger.load_session("s").pairing.seen) == MAX_SEEN_ROWS + 2


def test_expired_calls_and_silent_runs_are_found(ledger: Ledger) -> None:
    count = new_count()
    count.session.run_started_us = 5
    ledger.commit(batch_of(count, last_us=6), NOW_US)
    assert (ledger.expired_calls(5), ledger.expired_calls(6)) == ({}, {"s": {"key"}})
    assert ledger.silent_runs(6, limit=10) == {}
    assert ledger.silent_runs(7, limit=10).keys() == {"s"}


def test_sessions_and_spending_of_the_past_are_dropped_from_the_state(ledger: Ledger) -> None:
    ledger.commit(batch_of(SessionCount.new("old"), last_us=NOW_US - WINDOW_US - 1), NOW_US)
    assert ledger.state.sessions == {}
    ledger.commit(batch_of(new_count()), NOW_US)
    ledger.state.forget_sessions(NOW_US)
    assert ledger.state.sessions.keys() == {"s"}
    ledger.state.forget_sessions(NOW_US + 1)
    assert ledger.state.sessions == {}
    ledger.state.forget_spent(3)
    assert ledger.state.spent == {3: 14}
    ledger.state.forget_spent(4)
    assert ledger.state.spent == {}


def test_only_admitted_label_values_are_kept(tmp_path: Path) -> None:
    with open_ledger(tmp_path, 1) as ledger:
        batch = Batch()
        batch.counted.increments.count(SUBAGENTS_STARTED, ("Explore",))
        batch.counted.increments.count(SUBAGENTS_STARTED, ("Plan",))
        ledger.commit(batch, NOW_US)
    with open_ledger(tmp_path, 1) as ledger:
        assert ledger.state.totals.label_values == {"agent": {"Explore"}}
        assert ledger.state.totals.counters[SUBAGENTS_STARTED.name, ("other",)] == 1
