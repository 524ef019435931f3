"""Recent spending with an exporter that is running, stopped, or was never started."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.budgets import spent_this_month, spent_today
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.schema import VERSION
from exporter.model.money import Amount
from exporter.snapshot.live_spending import LiveSpending
from tests.exporter.snapshot.spending_place import PICODOLLARS_EACH, Place, messages
from tests.support.permissions import unprivileged_user
from tests.support.transcript_lines import NOON, SESSION, SLUG, assistant_line, cost_state_line, usage, write


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.tracker.close()


def test_without_a_ledger_all_transcripts_are_read_once_and_then_only_new_lines(place: Place) -> None:
    assert place.spent() == messages(0)
    write(place.transcript, assistant_line(1), assistant_line(2))
    assert place.spent() == messages(2)
    write(place.transcript, assistant_line(2, second=1), assistant_line(3))
    assert place.spent() == messages(3)
    assert place.tracker.complete


def test_the_figures_are_those_of_the_exporter(place: Place) -> None:
    for number in range(80):
        at = timedelta(hours=-number)
        write(place.transcript, assistant_line(number, second=at.total_seconds()))
    with place.meter() as meter:
        meter.catch_up()
        slots, now = meter.ledger.state.spent, place.clock()
        for tracker in (place.tracker, LiveSpending(place.data / "none", [str(place.projects)], clock=place.clock)):
            spent = place.spent(tracker)
            assert (spent.today, spent.month) == (Amount(spent_today(slots, now)), Amount(spent_this_month(slots, now)))
            assert spent.day == Amount(24 * PICODOLLARS_EACH)
            tracker.close()


def test_next_to_a_running_exporter_nothing_counts_twice_and_nothing_is_missed(place: Place) -> None:
    with place.meter() as meter:
        for number in range(6):
            write(place.transcript, assistant_line(number))
            if number % 2:
                meter.catch_up()
            assert place.spent() == messages(number + 1)
        meter.catch_up()
        assert place.spent() == messages(6)


def test_after_the_exporter_has_stopped_reading_continues_from_its_offsets(place: Place) -> None:
    write(place.transcript, assistant_line(1), assistant_line(2, usage(output=10)))
    with place.meter() as meter:
        meter.catch_up()
    write(place.transcript, assistant_line(2), assistant_line(3))
    assert place.spent() == messages(3)
    write(place.transcript, assistant_line(4))
    assert place.spent() == messages(4)


def test_messages_in_the_ledger_count_even_if_their_transcript_is_deleted(place: Place) -> None:
    write(place.transcript, assistant_line(1))
    with place.meter() as meter:
        meter.catch_up()
    place.transcript.unlink()
    assert place.spent() == messages(1)


def test_the_ledger_is_not_written_and_an_exporter_may_start_at_any_time(place: Place) -> None:
    with place.meter() as meter:
        meter.catch_up()
    before = (place.data / FILE_NAME).read_bytes()
    write(place.transcript, assistant_line(1))
    assert place.spent() == messages(1)
    assert (place.data / FILE_NAME).read_bytes() == before
    with place.meter() as meter:
        meter.catch_up()
        assert place.spent() == messages(1)


def test_a_copy_that_the_exporter_has_counted_moves_to_the_original_that_it_has_not_read_yet(place: Place) -> None:
    write(place.projects / SLUG / "fork.jsonl", assistant_line(1, sessionId="fork", second=60))
    with place.meter() as meter:
        meter.catch_up()
    write(place.transcript, assistant_line(1))
    assert place.spent() == messages(1)
    assert place.tracker.messages_of("fork") == []
    assert len(place.tracker.messages_of(SESSION) or ()) == 1
    assert place.tracker.by_session == {SESSION: Amount(PICODOLLARS_EACH)}


def test_a_session_has_all_of_its_cost_however_long_ago_it_began(place: Place) -> None:
    write(place.transcript, assistant_line(1, second=-40 * 86_400), assistant_line(2))
    with place.meter() as meter:
        meter.catch_up()
    assert place.spent() == messages(1)
    assert place.tracker.by_session == {SESSION: Amount(2 * PICODOLLARS_EACH)}


def test_what_an_older_sub_agent_has_spent_is_not_counted_as_spent_now(place: Place) -> None:
    agent, started = place.projects / SLUG / SESSION / "subagents" / "agent-x.jsonl", NOON - timedelta(days=40)
    write(agent, assistant_line(1, second=-40 * 86_400, isSidechain=True, agentId="x"))
    os.utime(agent, (started.timestamp(),) * 2)
    total = cost_state_line(40 * 86_400_000, {"claude-opus-4-6": usage(20, 100)}, started=started)
    write(place.transcript, assistant_line(2), total)
    assert place.spent() == messages(1)
    assert place.tracker.by_session == {SESSION: Amount(2 * PICODOLLARS_EACH)}


def test_projects_have_the_labels_that_the_exporter_has_given(place: Place) -> None:
    younger, older = (dict[str, Any](cwd=f"/home/{name}/backend", sessionId=name) for name in ("globex", "acme"))
    write(place.projects / "-home-globex-backend" / "g.jsonl", assistant_line(1, second=60, **younger))
    with place.meter() as meter:
        meter.catch_up()
    write(place.projects / "-home-acme-backend" / "a.jsonl", assistant_line(2, **older))
    assert place.spent() == messages(2)
    assert place.tracker.labels["/home/globex/backend"] == "backend"
    assert {project for _, _, project in place.tracker.by_names.costs} == {"backend", "acme/backend"}


def test_a_ledger_that_is_replaced_is_read_again(place: Place) -> None:
    write(place.transcript, assistant_line(1))
    with place.meter() as meter:
        meter.catch_up()
    assert place.spent() == messages(1)
    for file in place.data.iterdir():
        file.rename(file.with_name(f"{file.name}.aside"))
    with place.meter() as meter:
        meter.catch_up()
    assert place.spent() == messages(1)


@pytest.mark.parametrize("what", ["newer", "no database"])
def test_a_ledger_that_cannot_be_read_is_reported_and_costs_come_from_transcripts(place: Place, what: str) -> None:
    write(place.transcript, assistant_line(1))
    with place.meter() as meter:
        meter.catch_up()
    if what == "newer":
        connection = sqlite3.connect(place.data / FILE_NAME)
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.close()
    else:
        (place.data / FILE_NAME).write_text("not a database" * 1000)
    assert place.spent() == messages(1)
    (sentence,) = place.tracker.unreadable.values()
    assert sentence.endswith("Until then, costs come from the transcripts alone.")


def test_a_ledger_in_a_directory_that_cannot_be_written_is_read_as_well() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # which others may enter
        Path(directory).chmod(0o755)
        place = Place(Path(directory))
        write(place.transcript, assistant_line(1))
        with place.meter() as meter:
            meter.catch_up()
        place.transcript.unlink()
        (place.data / FILE_NAME).chmod(0o444)
        place.data.chmod(0o555)
        with unprivileged_user():
            assert place.spent() == messages(1)
            assert place.tracker.unreadable == {}
            place.tracker.close()
        place.data.chmod(0o755)


def test_between_two_walks_nothing_is_read(place: Place) -> None:
    assert place.spent() == messages(0)
    write(place.transcript, assistant_line(1))
    place.tracker.refresh()
    assert place.tracker.spent() == messages(0)


def test_transcripts_of_two_months_ago_are_not_opened(place: Place) -> None:
    write(place.transcript, assistant_line(1, second=-60 * 24 * 3600))
    place.now = NOON
    old = (place.clock() - 60 * 24 * 3600 * 1_000_000) * 1000
    os.utime(place.transcript, ns=(old, old))
    place.transcript.chmod(0)
    assert place.spent() == messages(0)
    assert place.tracker.unreadable == {}
