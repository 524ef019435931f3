"""A ledger with garbage in it, in use or before a start: nothing stops, and every total is right afterwards."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import pytest

from exporter.counting.catalog import API_REQUESTS, PROMPTS, TOOL_CALLS
from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerError
from exporter.ledger.file import MAX_SET_ASIDE
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from tests.support.synthetic_logs import SECOND_US, call, event, now_us
from tests.support.transcript_lines import SLUG, assistant_line, write

START_US = now_us() - 3_600 * SECOND_US
SESSIONS, MESSAGES = 20, 100


class Place:
    """Logs, transcripts and their ledger."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ledger = directory / "data" / FILE_NAME
        self.lines = 0

    def log(self) -> None:
        """Write a call, a prompt and messages to each session."""
        at_us = START_US + self.lines * SECOND_US
        for number in range(SESSIONS):
            call(self.directory / "logs", f"s{number}", at_us, took_ms=50)
            event(self.directory / "logs", f"s{number}", "UserPromptSubmit", at_us + SECOND_US // 2)
        numbers = range(self.lines * MESSAGES, (self.lines + 1) * MESSAGES)
        write(self.directory / "projects" / SLUG / f"{self.lines}.jsonl", *map(assistant_line, numbers))
        self.lines += 1

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        with open_ledger(self.ledger.parent, 200) as ledger:
            logs, projects = str(self.directory / "logs"), str(self.directory / "projects")
            yield Meter([logs], ledger, transcript_roots=[projects])

    def count(self, meter: Meter) -> None:
        meter.catch_up()
        totals = meter.ledger.state.totals.counters
        found = [sum(value for (name, _), value in totals.items() if name == counter.name) for counter in COUNTERS]
        assert found == [self.lines * SESSIONS, self.lines * SESSIONS, self.lines * MESSAGES]

    def set_aside(self) -> int:
        return sum(not path.name.endswith(("-wal", "-shm")) for path in self.ledger.parent.glob("*.corrupt-*"))


COUNTERS = (PROMPTS, TOOL_CALLS, API_REQUESTS)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def write_garbage(ledger: Path, rng: random.Random) -> None:
    """Overwrite some bytes of the tables that grow with the number of sessions."""
    with ledger.open("r+b") as file:
        for _ in range(rng.randint(1, 4)):
            file.seek(rng.randrange(100, ledger.stat().st_size))
            file.write(rng.randbytes(rng.choice((8, 200, 4096))))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("in_use", [True, False])
def test_garbage_in_the_file_costs_no_count(place: Place, seed: int, in_use: bool) -> None:
    rng = random.Random(seed)
    with place.meter() as meter:
        place.log()
        place.count(meter)
        if in_use:
            for statement in ("wal_checkpoint(TRUNCATE)", "cache_size = 0", "shrink_memory"):
                meter.ledger._connection.execute(f"PRAGMA {statement}")
            write_garbage(place.ledger, rng)
            place.log()
            place.count(meter)
    if not in_use:
        write_garbage(place.ledger, rng)
        place.log()
        with place.meter() as meter:
            place.count(meter)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET tallies = '{\"bit'",
        "UPDATE sessions SET closing_events = CAST(x'ff' AS TEXT)",
        "UPDATE counters SET labels = labels || '['",
        "UPDATE projects SET label = CAST(x'ff' AS TEXT)",
        "DROP TABLE seen",
        "DELETE FROM beginning",
    ],
)
@pytest.mark.parametrize("in_use", [True, False])
def test_a_ledger_with_what_no_version_has_written_is_set_aside(place: Place, statement: str, in_use: bool) -> None:
    def damage() -> None:
        with closing(sqlite3.connect(place.ledger)) as other:
            other.execute(statement)
            other.commit()

    with place.meter() as meter:
        place.log()
        place.count(meter)
        if in_use:
            damage()
            place.log()
            place.count(meter)
    if not in_use:
        damage()
    place.log()
    with place.meter() as meter:
        place.count(meter)
    assert place.set_aside() == 1


def test_a_disk_that_damages_every_ledger_is_not_filled_with_them(place: Place) -> None:
    with place.meter() as meter:
        place.log()
        place.count(meter)
        for number in range(MAX_SET_ASIDE + 2):
            meter.ledger._found_damage = "a bad sector"
            with nullcontext() if number < MAX_SET_ASIDE else pytest.raises(LedgerError, match="corrupt again"):
                place.count(meter)
        place.log()
        place.count(meter)
    assert place.set_aside() == MAX_SET_ASIDE
