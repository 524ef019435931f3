"""The list of sessions of the ledger alone: it is that of ledger and files, or there is none."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.failures import LedgerError
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.reading import read_ledger_or_empty
from exporter.ledger.session_pages import ALL_SESSIONS, SessionFilter
from exporter.model.clock import now_us
from exporter.prices.table import load_prices
from exporter.reports.session_list import sessions_in_ledger
from exporter.reports.session_records import SessionSource
from exporter.views.session_list import ListedSession
from tests.support.synthetic_logs import HOUR_US, SECOND_US, call, event
from tests.support.synthetic_transcripts import line, transcript, transcript_call, transcript_prompt

DAY_US = 24 * HOUR_US
HOOKS, TRANSCRIPT, OLD = "hooks", "transcript", "old"
PRICES = load_prices()


@dataclass(frozen=True)
class Place:
    """The directories of a user."""

    sessions: Path
    projects: Path
    data: Path

    def count(self) -> None:
        """Have an exporter read everything."""
        with open_ledger(self.data, 200) as ledger:
            Meter([str(self.sessions)], ledger, transcript_roots=[str(self.projects)]).catch_up()

    def in_ledger(self, wanted: SessionFilter) -> list[ListedSession] | None:
        """The list of the ledger alone."""
        return sessions_in_ledger(self.data, [self.sessions], [str(self.projects)], PRICES, wanted, ALL_SESSIONS)

    def in_all(self, wanted: SessionFilter) -> list[ListedSession]:
        """The list of the ledger and of files."""
        reader = HooksReader(self.sessions, transcript_roots=[self.projects])
        with read_ledger_or_empty(self.data) as ledger:
            return SessionSource(reader, (str(self.projects),), PRICES, ledger).listed(wanted, ALL_SESSIONS)

    def execute(self, statement: str) -> None:
        """Change the ledger."""
        with closing(sqlite3.connect(self.data / FILE_NAME)) as connection, connection:
            connection.execute(statement)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Sessions of hooks and of a transcript, and one of last month."""
    place, now = Place(tmp_path / "sessions", tmp_path / "projects", tmp_path / "data"), now_us()
    event(place.sessions, HOOKS, "UserPromptSubmit", now - HOUR_US // 2, prompt="make tea")
    call(place.sessions, HOOKS, now - HOUR_US // 2 + SECOND_US, error="Exit code 1")
    transcript_prompt(place.projects, TRANSCRIPT, now - 2 * HOUR_US, "Fix the basket")
    transcript_call(place.projects, TRANSCRIPT, now - 2 * HOUR_US)
    transcript_call(place.projects, TRANSCRIPT, now - HOUR_US // 4, tool="Grep", agent_id="a1")
    transcript_call(place.projects, OLD, now - 30 * DAY_US)
    os.utime(transcript(place.projects, OLD), ns=((now - 30 * DAY_US) * 1000,) * 2)
    place.count()
    return place


def recent() -> SessionFilter:
    return SessionFilter(since_us=now_us() - DAY_US)


@pytest.mark.parametrize(
    "wanted", [recent(), SessionFilter(), SessionFilter(project="shop"), SessionFilter(failed=True)]
)
def test_a_ledger_that_has_read_everything_gives_the_list_of_ledger_and_files(
    place: Place, wanted: SessionFilter
) -> None:
    found = place.in_ledger(wanted)
    assert found
    assert found == place.in_all(wanted)


GROWTHS: dict[str, Callable[[Place], object]] = {
    "a line of a hook": lambda place: event(place.sessions, HOOKS, "Stop", now_us()),
    "a session of hooks": lambda place: event(place.sessions, "new", "SessionStart", now_us()),
    "a line of a transcript": lambda place: transcript_prompt(place.projects, TRANSCRIPT, now_us()),
    "a line of a sub-agent": lambda place: transcript_call(place.projects, TRANSCRIPT, now_us(), agent_id="a1"),
    "a session of a transcript": lambda place: transcript_prompt(place.projects, "new", now_us()),
}


@pytest.mark.parametrize("what", GROWTHS)
def test_the_ledger_gives_none_while_files_have_more(place: Place, what: str) -> None:
    GROWTHS[what](place)
    assert place.in_ledger(recent()) is None
    place.count()
    assert place.in_ledger(recent()) == place.in_all(recent())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE beginning SET past_is_unread = 1",
        "UPDATE projects SET label = ''",
        "UPDATE session_usage SET priced = 0",
        "INSERT INTO cost_states VALUES (1, 'transcript', 1, 1, 0, '{}')",
    ],
)
def test_the_ledger_gives_none_while_something_of_it_is_not_counted_yet(place: Place, statement: str) -> None:
    place.execute(statement)
    assert place.in_ledger(recent()) is None


def test_a_session_is_listed_once_it_has_a_line_of_its_own(place: Place) -> None:
    for session, at_us in (("said-it", now_us() - HOUR_US), ("resumed", now_us())):
        line(place.projects, session, at_us, "user", {"role": "user", "content": "go"}, uuid="u1")
    place.count()
    listed = {session["session_uuid"] for session in place.in_ledger(SessionFilter()) or []}
    assert listed == {HOOKS, TRANSCRIPT, OLD, "said-it"}
    transcript_prompt(place.projects, "resumed", now_us())
    place.count()
    assert "resumed" in {session["session_uuid"] for session in place.in_ledger(recent()) or []}


def test_what_is_unread_is_of_no_interest_before_the_time_in_question(place: Place) -> None:
    at_us = now_us() - 30 * DAY_US
    transcript_prompt(place.projects, OLD, at_us)
    os.utime(transcript(place.projects, OLD), ns=(at_us * 1000,) * 2)
    assert place.in_ledger(recent()) == place.in_all(recent())
    assert place.in_ledger(SessionFilter()) is None


def test_the_ledger_gives_none_where_a_directory_cannot_be_read(place: Place) -> None:
    transcript(place.projects, TRANSCRIPT).with_suffix("").joinpath(*"too-deeply-nested-for-a-reader").mkdir(
        parents=True
    )
    assert place.in_ledger(recent()) is None


def test_without_a_ledger_there_is_no_list_and_of_another_version_an_error(place: Place) -> None:
    place.execute("PRAGMA user_version = 999")
    with pytest.raises(LedgerError, match="is of another version"):
        place.in_ledger(recent())
    (place.data / FILE_NAME).unlink()
    assert place.in_ledger(recent()) is None
