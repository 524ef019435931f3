"""A copied message belongs to the session that had it first, in whatever order files are read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.catalog import API_REQUESTS, COST, SESSIONS_STARTED, TOOL_CALLS
from exporter.counting.messages import SLOT_US
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.sources.timestamps import to_us
from tests.support.forks import BRANCH, COPIED, DAY, FORK, MARKED, PARENT, RESUMED, transcripts, write_as
from tests.support.transcript_lines import NOON, SLUG, assistant_line, result_line, usage, use_line, write

SESSIONS = (PARENT, RESUMED, FORK, MARKED, BRANCH)
NOON_SLOT = (to_us(NOON.isoformat()) or 0) // SLOT_US


class Place:
    """A directory of transcripts, on which meters can be started repeatedly."""

    def __init__(self, directory: Path) -> None:
        self.projects = directory / "projects"
        self.data = directory / "data"

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        """A meter that has read everything."""
        with open_ledger(self.data, 200) as ledger:
            meter = Meter([], ledger, transcript_roots=[str(self.projects)])
            meter.catch_up()
            yield meter


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def outputs(meter: Meter) -> dict[str, list[int]]:
    """The output tokens of the messages of each session."""
    ledger = meter.ledger
    return {name: sorted(m.usage.output for m in ledger.session_messages(name).values()) for name in SESSIONS}


def counters(meter: Meter) -> dict[object, int]:
    """All counters but those of lines, bytes and sessions."""
    others = ("hookmeter_", SESSIONS_STARTED.name)
    return {key: n for key, n in meter.ledger.state.totals.counters.items() if not key[0].startswith(others)}


def total(meter: Meter, name: str) -> int:
    return sum(value for (metric, _), value in meter.ledger.state.totals.counters.items() if metric == name)


RIGHT = {PARENT: [0, 100], RESUMED: [1], FORK: [2], MARKED: [3], BRANCH: [4]}


@pytest.mark.parametrize("names", list(islice(permutations("abcde"), 0, None, 7)), ids="".join)
def test_the_names_of_files_make_no_difference(place: Place, names: tuple[str, ...]) -> None:
    write_as(place.projects, dict(zip(SESSIONS, names, strict=True)))
    with place.meter() as meter:
        assert outputs(meter) == RIGHT
        assert total(meter, API_REQUESTS.name) == 6
        spent = meter.ledger.costs_of_sessions(0)
        assert sum(cost or 0 for cost, _ in spent.values()) == total(meter, COST.name)


@pytest.mark.parametrize("seed", range(8))
def test_files_may_appear_in_any_order_over_restarts_and_no_counter_changes_for_it(place: Place, seed: int) -> None:
    order = random.Random(seed).sample(SESSIONS, len(SESSIONS))
    for number, session in enumerate(order, start=1):
        write_as(place.projects, {session: session})
        with place.meter() as meter:
            assert total(meter, API_REQUESTS.name) == number + 1
    with place.meter() as meter:
        assert outputs(meter) == RIGHT
        ledger = meter.ledger
        spent = ledger.costs_of_sessions(0)
        assert (
            sum(cost or 0 for cost, _ in spent.values()) == total(meter, COST.name) == sum(ledger.state.spent.values())
        )
        assert ledger.state.spent[NOON_SLOT] == (10 * 5 + 100 * 25) * 1_000_000


def test_a_copy_names_the_session_of_its_request_even_if_that_has_no_transcript_any_more(place: Place) -> None:
    write_as(place.projects, {MARKED: "x", BRANCH: "y"})
    with place.meter() as meter:
        assert outputs(meter) == RIGHT | {PARENT: [100], RESUMED: [], FORK: []}


def test_an_original_that_is_found_later_moves_its_spending_but_no_counter(place: Place) -> None:
    used = usage(output=100)
    copy = assistant_line(COPIED, used, sessionId="fork", second=3600, cwd="/home/dev/other")
    write(place.projects / "-home-dev-other" / "fork.jsonl", copy)
    with place.meter() as meter:
        before = counters(meter)
        write(place.projects / SLUG / "original.jsonl", assistant_line(COPIED, used, sessionId="original"))
        meter.catch_up()
        assert counters(meter) == before
        assert meter.ledger.state.totals.counters[SESSIONS_STARTED.name, ("shop",)] == 1
        spent = +meter.ledger.spent_by_model_and_project(0)
        assert {(slot, project) for slot, _, project in spent} == {(NOON_SLOT, "shop")}
        assert meter.ledger.session_messages("fork") == {}


def test_a_compacted_fork_whose_copy_has_no_usage_takes_nothing_away(place: Place) -> None:
    zeroed = assistant_line(COPIED, usage(0, 0), sessionId="a", requestSessionId=PARENT)
    write(place.projects / SLUG / "a.jsonl", zeroed)
    with place.meter() as meter:
        write(place.projects / SLUG / "z.jsonl", *transcripts()[PARENT])
        meter.catch_up()
        assert outputs(meter)[PARENT] == [0, 100]


@pytest.mark.parametrize("fields", [{}, {"requestSessionId": "original"}], ids=["unmarked", "marked"])
@pytest.mark.parametrize("order", [("fork", "original"), ("original", "fork")], ids=" first, then ".join)
def test_the_calls_of_a_copied_message_count_once(place: Place, order: tuple[str, str], fields: dict[str, Any]) -> None:
    def call(session: str, number: int) -> list[str]:
        copied = fields if session == "fork" and number == COPIED else {}
        own: dict[str, Any] = {"sessionId": session, "second": DAY * number if session == "fork" else number, **copied}
        return [use_line(number, f"toolu_{number}", **own), result_line(f"toolu_{number}", **own)]

    transcripts = {"fork": [*call("fork", COPIED), *call("fork", 2)], "original": call("original", COPIED)}
    for session in order:
        for line in transcripts[session]:
            write(place.projects / SLUG / f"{session}.jsonl", line)
            with place.meter():
                pass
    with place.meter() as meter:
        assert total(meter, TOOL_CALLS.name) == 2
        assert len(meter.ledger.session_messages("original")) == len(meter.ledger.session_messages("fork")) == 1
