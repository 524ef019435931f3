"""The meter on transcripts with cost-states: what no message itemizes counts once, when all has been read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.catalog import API_REQUESTS, COST, LINES, TOKENS, WEB_SEARCHES, Counter
from exporter.counting.messages import SLOT_US
from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerWriteError
from exporter.ledger.opening import open_ledger
from exporter.model.money import Amount
from exporter.model.records import NOT_ITEMIZED
from exporter.snapshot.live_spending import LiveSpending
from exporter.sources.timestamps import to_us
from tests.support.full_disk import full_disk
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    assistant_line,
    cost_state_line,
    search_line,
    usage,
    write,
)

OPUS = "claude-opus-4-6"
FORK = "99999999-aaaa-4bbb-8ccc-000000000002"
HOUR = timedelta(hours=1)


class Place:
    """A directory with transcripts, on which meters can be started repeatedly."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.projects = directory / "projects"
        self.project = self.projects / SLUG
        self.transcript = self.project / f"{SESSION}.jsonl"
        self.now = NOON + HOUR

    def clock(self) -> int:
        return to_us(self.now.isoformat()) or 0

    @contextmanager
    def meter(self, data: str = "data") -> Iterator[Meter]:
        with open_ledger(self.directory / data, 200) as ledger:
            yield Meter([], ledger, self.clock, transcript_roots=[str(self.projects)])

    def read(self, data: str = "data") -> dict[str, int]:
        """The picodollars of each session after a new meter has read everything."""
        with self.meter(data) as meter:
            meter.catch_up()
            return {session: cost for session, (cost, _) in meter.ledger.costs_of_sessions(0).items() if cost}

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def state(second: float, tokens: int, *, session: str = SESSION, searches: int = 0) -> str:
    """The cost-state of a session that has used as many tokens of output after some seconds."""
    used = usage(0, tokens) | {"web_searches": searches}
    return cost_state_line(round(second * 1_000), {OPUS: used}, session=session)


def answer(number: int, tokens: int, second: float, **fields: Any) -> str:
    return assistant_line(number, usage(0, tokens), second=second, **fields)


def total(meter: Meter, counter: Counter, **labels: str) -> int:
    return sum(
        value
        for (name, values), value in meter.ledger.state.totals.counters.items()
        if name == counter.name and labels.items() <= dict(zip(counter.labels, values, strict=True)).items()
    )


def output(meter: Meter) -> tuple[int, int]:
    """The tokens of output in messages, and those that are not itemized."""
    hidden = total(meter, TOKENS, kind="output", agent=NOT_ITEMIZED)
    return total(meter, TOKENS, kind="output") - hidden, hidden


PICODOLLARS_A_TOKEN = 25_000_000


def test_what_is_not_itemized_counts_once_in_a_session_that_is_over(place: Place, meter: Meter) -> None:
    write(place.transcript, answer(1, 80, 1), answer(2, 20, 9), state(10, 1_100))
    meter.catch_up()
    assert output(meter) == (100, 1_000)
    meter.catch_up()
    assert output(meter) == (100, 1_000)
    assert total(meter, API_REQUESTS) == 2
    assert total(meter, COST, model=OPUS, agent=NOT_ITEMIZED, project="shop") == 1_000 * PICODOLLARS_A_TOKEN
    at_us = (to_us(NOON.isoformat()) or 0) + 9_000_000
    assert meter.ledger.state.spent == {at_us // SLOT_US: 1_100 * PICODOLLARS_A_TOKEN}
    assert total(meter, LINES, source="transcript", result="counted") == 3


def test_it_counts_a_minute_after_the_last_line_as_a_sub_agents_lines_may_be_late(place: Place, meter: Meter) -> None:
    place.now = NOON
    write(place.transcript, answer(1, 80, 1), state(10, 1_100))
    meter.catch_up()
    place.later(60)
    list(meter.refresh(set()))
    assert output(meter) == (80, 0)
    agent = place.project / SESSION / "subagents" / "agent-1.jsonl"
    write(agent, answer(2, 20, 8, isSidechain=True, agentId="1"))
    meter.catch_up()
    place.later(7)
    list(meter.refresh(set()))
    assert output(meter) == (100, 0)
    place.later(1)
    list(meter.refresh(set()))
    assert output(meter) == (100, 1_000)


def test_it_grows_with_later_processes(place: Place) -> None:
    write(place.transcript, answer(1, 80, 1), state(10, 1_080))
    assert place.read() == {SESSION: 1_080 * PICODOLLARS_A_TOKEN}
    write(place.transcript, answer(2, 20, 100), state(15, 1_100), answer(3, 5, 200), state(20, 2_105))
    assert place.read() == {SESSION: 2_105 * PICODOLLARS_A_TOKEN}


def test_it_does_not_change_when_transcripts_vanish_and_the_exporter_restarts(place: Place) -> None:
    write(place.transcript, answer(1, 80, 1), state(10, 1_080))
    before = place.read()
    shutil.move(place.projects, place.directory / "away")
    assert place.read() == before
    shutil.move(place.directory / "away", place.projects)
    assert place.read() == before


def test_a_transcript_that_claude_code_has_rewritten_counts_what_it_adds(place: Place) -> None:
    write(place.transcript, answer(1, 80, 1), state(10, 1_080), answer(2, 20, 100), state(15, 1_100))
    before = place.read()
    place.transcript.unlink()
    write(place.transcript, answer(2, 20, 100), state(15, 1_100), answer(3, 5, 200), state(20, 1_105))
    assert place.read() == {SESSION: before[SESSION] + 5 * PICODOLLARS_A_TOKEN}
    assert place.read("new")[SESSION] == 1_105 * PICODOLLARS_A_TOKEN


AGENT = f"{SESSION}/subagents/agent-1.jsonl"
FILES = {
    AGENT: [answer(30, 40, 8, isSidechain=True)],
    f"{SESSION}.jsonl": [
        answer(1, 80, 1), state(10, 1_080), answer(2, 20, 100), state(15, 1_100), answer(20, 9, 300),
        answer(21, 4, 400), state(25, 2_000),
    ],
    f"{FORK}.jsonl": [
        answer(1, 80, 1, sessionId=FORK, requestSessionId=SESSION),
        answer(40, 33, 200, sessionId=FORK),
        state(14, 1_080 + 33 + 7, session=FORK),
    ],
}  # fmt: skip
# The message that is 300 s old is of a process that was killed.
RIGHT = {SESSION: (2_000 + 9) * PICODOLLARS_A_TOKEN, FORK: 40 * PICODOLLARS_A_TOKEN}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2, 1)])
def test_a_fork_and_its_parent_count_the_same_whichever_is_read_first(place: Place, order: tuple[int, ...]) -> None:
    names = list(FILES)
    for number in order:
        write(place.project / names[number], *FILES[names[number]])
        place.read()
    assert place.read() == place.read("new") == RIGHT


def test_every_line_counts_once_although_the_exporter_restarts_after_each(place: Place) -> None:
    for name, lines in FILES.items():
        for line in lines:
            write(place.project / name, line)
            place.read()
    assert place.read() == RIGHT


def test_a_fork_whose_first_line_is_read_before_its_copies_does_not_count_what_its_parent_spent(place: Place) -> None:
    fork = place.project / f"{FORK}.jsonl"
    write(fork, answer(40, 33, 200, sessionId=FORK))
    place.read()
    write(fork, answer(1, 80, 1, sessionId=FORK), state(14, 1_080 + 33 + 7, session=FORK))
    assert place.read() == place.read("at once") == {FORK: (80 + 33) * PICODOLLARS_A_TOKEN}


def test_a_commit_that_fails_counts_nothing_and_is_repeated(place: Place, meter: Meter) -> None:
    write(place.transcript, answer(1, 80, 1), state(10, 1_080))
    steps = meter.refresh()
    next(steps)
    assert output(meter) == (80, 0)
    with full_disk(), pytest.raises(LedgerWriteError):
        list(steps)
    assert output(meter) == (80, 0)
    meter.catch_up()
    assert output(meter) == (80, 1_000)


def test_nothing_is_counted_of_a_session_with_a_file_that_cannot_be_read(place: Place, meter: Meter) -> None:
    agent = place.project / SESSION / "subagents" / "agent-1.jsonl"
    agent.parent.mkdir(parents=True)
    agent.symlink_to("/proc/self/mem")  # opens, and cannot be read, also by root
    write(place.transcript, answer(1, 80, 1), state(10, 1_100))
    meter.catch_up()
    assert output(meter) == (80, 0)
    agent.unlink()
    write(agent, answer(2, 20, 8, isSidechain=True))
    meter.catch_up()
    assert output(meter) == (100, 1_000)


def test_searches_count_at_once_and_only_once_if_the_process_ends_well(place: Place, meter: Meter) -> None:
    place.now = NOON
    write(place.transcript, answer(1, 80, 1), search_line(1, 2, second=2))
    meter.catch_up()
    assert total(meter, WEB_SEARCHES) == 2
    assert total(meter, COST, agent=NOT_ITEMIZED, model=OPUS, project="shop") == 2 * 10**10
    write(place.transcript, answer(2, 20, 9), state(10, 500, searches=2))
    place.later(3_600)
    meter.catch_up()
    assert (output(meter), total(meter, WEB_SEARCHES), total(meter, API_REQUESTS)) == ((100, 400), 2, 2)


def test_searches_of_a_killed_process_are_no_part_of_the_next_cost_state(place: Place, meter: Meter) -> None:
    write(place.transcript, answer(1, 80, 1), search_line(1, 2, second=2), answer(2, 20, 100), state(10, 20))
    write(place.transcript, search_line(2, 3, second=200), state(20, 20, searches=4))
    meter.catch_up()
    assert (output(meter), total(meter, WEB_SEARCHES)) == ((100, 0), 2 + 4)


def test_a_session_that_an_older_version_has_counted_counts_what_its_next_cost_state_adds(place: Place) -> None:
    write(place.transcript, answer(1, 80, 1))
    place.read()
    write(place.transcript, state(10, 1_080), answer(2, 20, 100), state(15, 1_100))
    assert place.read() == {SESSION: 1_100 * PICODOLLARS_A_TOKEN}


def test_the_dashboard_has_the_costs_of_the_exporter_also_without_its_ledger(place: Place) -> None:
    for name, lines in FILES.items():
        write(place.project / name, *lines)
    alone = LiveSpending(place.directory / "none", [str(place.projects)], clock=place.clock)
    alone.refresh(60)
    assert {session: cost for session, (cost, _) in alone.by_session.items() if cost} == RIGHT
    place.later(60)
    alone.refresh(60)
    assert {session: cost for session, (cost, _) in alone.by_session.items() if cost} == RIGHT
    place.read()
    behind = LiveSpending(place.directory / "data", [str(place.projects)], clock=place.clock)
    write(place.transcript, answer(5, 10, 900), state(30, 2_110))
    behind.refresh(60)
    assert behind.by_session[SESSION] == Amount(RIGHT[SESSION] + 110 * PICODOLLARS_A_TOKEN)
    behind.close()
    alone.close()
