"""Ends of sessions that never were: `claude mcp list`, `claude plugin install` and others run the hook of an end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.counting.catalog import SESSION_DURATION, SESSIONS_STARTED
from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import SECOND_US, call, event, now_us
from tests.support.synthetic_transcripts import transcript_prompt
from tests.support.transcript_lines import SESSION

NOW_US = now_us()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def roots(home: Home) -> tuple[Path, Path]:
    return home.sessions, home.path / ".claude" / "projects"


@pytest.fixture
def meter(home: Home, roots: tuple[Path, Path]) -> Iterator[Meter]:
    with open_ledger(home.data, 200) as ledger:
        yield Meter([str(roots[0])], ledger, transcript_roots=[str(roots[1])])


def end(root: Path, session: str = SESSION, at_us: int = NOW_US) -> None:
    event(root, session, "SessionEnd", at_us, project_dir="/home/dev/shop", reason="other")


def counted(meter: Meter) -> tuple[int, int]:
    """The numbers of sessions that have started, and of those whose length is known."""
    meter.catch_up()
    totals = meter.ledger.state.totals
    started = sum(value for (name, _), value in totals.counters.items() if name == SESSIONS_STARTED.name)
    lengths = totals.distributions.get((SESSION_DURATION.name, ()))
    return started, sum(lengths.counts) if lengths else 0


def test_an_end_alone_is_no_session(meter: Meter, home: Home) -> None:
    end(home.sessions)
    assert counted(meter) == (0, 0)
    assert meter.recent_sessions() == []
    assert meter.ledger.awaiting_project(NOW_US + SECOND_US) == []
    reader = HooksReader(home.sessions)
    assert reader.get_all_sessions() == []
    assert reader.get_session_details(SESSION) is None
    for words in ((), ("--data-dir", home.path / "none")):  # from the ledger, and from files
        assert home.run("sessions", "--json", *words).stdout == "[]\n"
        assert "no session" in home.run("sessions", SESSION, *words).stderr


@pytest.mark.parametrize("witness", ["a call", "a prompt in a transcript", "a start"])
def test_whatever_else_is_known_of_it_makes_it_one_that_counts_once(
    meter: Meter, roots: tuple[Path, Path], witness: str
) -> None:
    sessions, projects = roots
    end(sessions)
    assert counted(meter) == (0, 0)
    if witness == "a call":
        call(sessions, SESSION, NOW_US - 2 * SECOND_US)
    elif witness == "a start":
        event(sessions, SESSION, "SessionStart", NOW_US - 2 * SECOND_US, project_dir="/home/dev/shop", source="startup")
    else:
        transcript_prompt(projects, SESSION, NOW_US - 2 * SECOND_US, "Deploy")
    assert counted(meter)[0] == 1
    (session,) = meter.recent_sessions()
    assert (session.first_us, session.last_us, session.ended) == (NOW_US - 2 * SECOND_US, NOW_US, True)
    (listed,) = HooksReader(sessions, transcript_roots=[projects]).get_all_sessions()
    assert listed["session_uuid"] == SESSION


def test_an_end_that_is_reported_again_ends_no_other_run(meter: Meter, home: Home) -> None:
    event(home.sessions, SESSION, "SessionStart", NOW_US - 9 * SECOND_US, project_dir="/home/dev/shop")
    end(home.sessions, at_us=NOW_US - 5 * SECOND_US)
    end(home.sessions)
    assert counted(meter) == (1, 1)
