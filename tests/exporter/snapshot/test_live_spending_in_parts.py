"""Recent spending that is read in parts, while the exporter commits, and from a ledger that turns out to be damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.counting.batch import Batch
from exporter.ledger.file_names import FILE_NAME
from exporter.model.money import Amount
from tests.exporter.snapshot.spending_place import PICODOLLARS_EACH, Place, messages
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, write


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.tracker.close()


def test_a_long_read_is_done_in_parts(place: Place) -> None:
    for number in range(10):
        write(place.projects / SLUG / f"{number}.jsonl", assistant_line(number))
    seen = []
    while not place.tracker.complete:
        place.tracker.refresh(0)
        seen.append((place.tracker.spent().today.picodollars or 0) // PICODOLLARS_EACH)
    assert seen == sorted(seen)
    assert (len(set(seen)), seen[-1]) == (10, 10)


def test_what_is_committed_between_the_parts_of_a_reading_counts_once(place: Place) -> None:
    names = [f"session-{number}" for number in range(9)]
    with place.meter() as meter:
        meter.catch_up()
        for number, name in enumerate(names):
            write(place.projects / SLUG / f"{name}.jsonl", assistant_line(number, sessionId=name))
        place.tracker.refresh(0)
        place.tracker.refresh(0)
        meter.catch_up()
        while not place.tracker.complete:
            place.tracker.refresh(0)
    assert place.tracker.spent() == messages(9)
    assert place.tracker.by_session == dict.fromkeys(names, Amount(PICODOLLARS_EACH))


def test_a_reading_ends_even_if_something_is_committed_all_the_time(place: Place) -> None:
    with place.meter() as meter:
        meter.catch_up()
        for number in range(40):
            write(place.projects / SLUG / f"{number}.jsonl", assistant_line(number))
        while not place.tracker.complete:
            place.tracker.refresh(0.000_1)
            meter.ledger.commit(Batch(), place.clock())
    assert place.tracker.spent() == messages(40)


@pytest.mark.parametrize("table", ["spending", "messages", "session_usage", "files"])
def test_a_ledger_that_turns_out_to_be_damaged_is_left_until_it_is_written_again(place: Place, table: str) -> None:
    write(place.transcript, assistant_line(1))
    with place.meter() as meter:
        meter.catch_up()
    assert place.spent() == messages(1)
    with sqlite3.connect(place.data / FILE_NAME) as connection:
        connection.execute(f"DROP TABLE {table}")
    connection.close()
    write(place.transcript, assistant_line(2))
    for _ in range(2):
        place.spent()
        while place.tracker.is_reading:
            place.tracker.refresh(60)
        assert len(place.tracker.messages_of(SESSION) or place.read_again()) == 2
    (sentence,) = place.tracker.unreadable.values()
    assert sentence.endswith("Until then, costs come from the transcripts alone.")
    for file in place.data.iterdir():
        file.unlink()
    with place.meter() as meter:
        meter.catch_up()
    assert place.spent() == messages(2)
    assert place.tracker.unreadable == {}
