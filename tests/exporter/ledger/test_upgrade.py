"""An upgrade of a ledger whose version read transcripts for their costs alone: the past is learned, and not counted."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from exporter.counting.catalog import (
    COMPACTIONS,
    PROMPTS,
    SESSIONS_STARTED,
    SUBAGENT_DURATION,
    SUBAGENTS_STARTED,
    TOOL_CALLS,
    Counter,
)
from exporter.counting.totals import Key
from exporter.ingest import batch_writer
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.sessions import Session
from exporter.sources.timestamps import to_us
from tests.exporter.ledger.past_work import CALLS, DAYS, FAILED, LEDGER, Running, restore_ledger, write_past

Totals = dict[Key, tuple[int, ...]]  # the value of a counter, or the buckets of a histogram and its sum
HOUR, SETTLING = timedelta(hours=1), timedelta(minutes=5)


class Machine:
    """A machine with a month of work, on which two sessions are still running."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.running: tuple[Running, ...] = write_past(root)
        self.now = self.running[0].session.now + timedelta(seconds=5)

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """A meter as after a restart."""
        with open_ledger(self.root / "data", 200) as ledger:
            roots = [str(self.root / "projects")]
            yield Meter([str(self.root / "sessions")], ledger, lambda: microseconds(self.now), transcript_roots=roots)

    def totals(self) -> Totals:
        """All totals after reading what is new."""
        with self.meter() as meter:
            meter.catch_up()
            return totals_of(meter)

    def growth(self) -> Totals:
        """By how much totals grow while the sessions finish."""
        before = self.totals()
        self.now = max(one.finish() for one in self.running) + SETTLING
        after = self.totals()
        growth = {
            key: tuple(value - old for value, old in zip(values, before.get(key) or (0,) * len(values), strict=True))
            for key, values in after.items()
        }
        # A version that kept no runs of sub-agents has forgotten when the one that is running started.
        growth[SUBAGENT_DURATION.name, ("Explore",)] = growth[SUBAGENT_DURATION.name, ("Explore",)][:-1]
        return {key: values for key, values in growth.items() if any(values)}

    def recent(self) -> list[Session]:
        """The sessions of the last 24 hours after reading what is new."""
        with self.meter() as meter:
            meter.catch_up()
            return sorted(meter.recent_sessions(), key=lambda session: session.session_id)


@pytest.fixture
def upgraded(tmp_path: Path) -> Machine:
    """A machine with the ledger of the older version."""
    machine = Machine(tmp_path / "upgraded")
    restore_ledger(machine.root)
    return machine


def microseconds(moment: datetime) -> int:
    return to_us(moment.isoformat()) or 0


def totals_of(meter: Meter) -> Totals:
    totals = meter.ledger.state.totals
    counters: Totals = {key: (value,) for key, value in totals.counters.items()}
    return counters | {key: (*each.counts, each.sum) for key, each in totals.distributions.items()}


def of_counter(totals: Totals, counter: Counter) -> Totals:
    return {key: values for key, values in totals.items() if key[0] == counter.name}


def test_an_upgrade_changes_no_total_and_keeps_the_older_ledger(upgraded: Machine) -> None:
    with upgraded.meter() as meter:
        before = totals_of(meter)
    assert before[TOOL_CALLS.name, ("Bash", "main", "success")] == (61,)
    upgraded.now += HOUR
    assert upgraded.totals() == before
    upgraded.now += HOUR
    assert upgraded.totals() == before
    with closing(sqlite3.connect(upgraded.root / "data" / f"{LEDGER}.version-4")) as copy:
        assert copy.execute("SELECT sum(value) FROM counters WHERE name = 'claude_tool_calls'").fetchone() == (82,)


def test_what_continues_counts_as_if_the_past_had_been_counted_in_full(upgraded: Machine, tmp_path: Path) -> None:
    assert upgraded.growth() == Machine(tmp_path / "new").growth()


def test_sessions_without_hooks_are_known_right_after_an_upgrade(upgraded: Machine, tmp_path: Path) -> None:
    recent = [(one.session_id, one.open_calls, one.known_calls) for one in upgraded.recent()]
    assert recent == [("hooked-30", 1, 3), ("unhooked-30", 1, 1)]  # without hooks, an end counts after a minute
    upgraded.now += SETTLING
    recent = [(one.session_id, one.open_calls, one.known_calls) for one in upgraded.recent()]
    assert recent == [("hooked-30", 1, 3), ("unhooked-30", 1, 3)]


def test_the_ledger_knows_the_sessions_of_the_past_after_an_upgrade(upgraded: Machine) -> None:
    with upgraded.meter() as meter:
        meter.catch_up()
        facts = meter.ledger.records.facts(["hooked-00", "unhooked-00"])
    calls = {outcome.value: calls for (_, _, outcome), calls in facts["unhooked-00"].calls.items()}
    assert calls == {"error": FAILED, "success": CALLS - FAILED - 1, "unknown": 1}
    assert [len(found.prompts_us) for found in facts.values()] == [2, 2]
    assert [found.versions for found in facts.values()] == [{"2.1.332"}] * 2


def test_an_upgrade_that_is_killed_while_it_reads_the_past_counts_nothing_of_it(
    upgraded: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_writer, "BATCH_BYTES", 1)
    with upgraded.meter() as meter:
        before = totals_of(meter)
    for steps in range(1, 100, 5):
        with upgraded.meter() as meter:
            for _ in islice(meter.refresh(), steps):
                pass
            assert totals_of(meter) == before
            if not meter.ledger.state.past_is_unread:
                break
    assert steps > len(DAYS)
    assert upgraded.growth() == Machine(tmp_path / "new").growth()


def test_what_hooks_have_counted_is_not_counted_again_if_transcripts_are_found_later(upgraded: Machine) -> None:
    for directory in upgraded.root.glob("projects/*/unhooked-*"):
        shutil.rmtree(directory) if directory.is_dir() else directory.unlink()
    with closing(sqlite3.connect(upgraded.root / "data" / LEDGER)) as connection, connection:
        for table in ("messages", "origins", "spending"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM files WHERE folder LIKE '%/projects/%'")
        connection.execute("DELETE FROM counters WHERE name IN ('claude_cost_usd', 'claude_tokens')")
    with upgraded.meter() as meter:
        before = totals_of(meter)
    upgraded.now += HOUR
    after = upgraded.totals()
    assert after.keys() - before.keys()
    for counter in (TOOL_CALLS, PROMPTS, COMPACTIONS, SUBAGENTS_STARTED, SESSIONS_STARTED):
        assert of_counter(after, counter) == of_counter(before, counter)
