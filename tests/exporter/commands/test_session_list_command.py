"""`hookmeter sessions` as a list: its columns, and what selects and sorts it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, SECOND_US, append, call, event, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call, transcript_prompt
from tests.support.terminals import in_terminal

DAY_US = 24 * HOUR_US
TEA, LOGIN, OLD = (f"{digit * 8}-aaaa-4bbb-8ccc-00000000000{digit}" for digit in "123")


@pytest.fixture
def lived_in(home: Home) -> Home:
    """A cheap session with a failed call and a title, an expensive one, and one of last month without a transcript."""
    now, projects = now_us(), home.path / ".claude" / "projects"
    transcript_prompt(projects, TEA, now - HOUR_US, "make tea")
    transcript_call(projects, TEA, now - HOUR_US + SECOND_US, error="Exit code 1")
    append(transcript(projects, TEA), {"type": "ai-title", "aiTitle": "Make tea", "sessionId": TEA})
    transcript_prompt(projects, LOGIN, now - 2 * HOUR_US, "Fix the login --password hunter2\nsoon")
    for number in range(3):
        transcript_call(projects, LOGIN, now - 2 * HOUR_US + number * SECOND_US, tool="Read")
    transcript_prompt(projects, LOGIN, now - HOUR_US // 2, "Look", agent_id="a1")
    transcript_call(projects, LOGIN, now - HOUR_US // 2, tool="Grep", agent_id="a1")
    event(home.sessions, OLD, "UserPromptSubmit", now - 30 * DAY_US, prompt="Hello", project_dir="/home/dev/blog")
    call(home.sessions, OLD, now - 30 * DAY_US + SECOND_US)
    return home.with_variables(HOOKMETER_DATA_DIR=str(home.data))


@pytest.fixture(params=["files", "ledger"])
def source(request: pytest.FixtureRequest, lived_in: Home) -> Home:
    """The same from files alone, and from a ledger that has read them."""
    if request.param == "ledger":
        with open_ledger(lived_in.data, 200) as ledger:
            Meter([str(lived_in.sessions)], ledger, transcript_roots=[str(projects(lived_in))]).catch_up()
    return lived_in


def projects(home: Home) -> Path:
    return home.path / ".claude" / "projects"


def ids(home: Home, *words: str) -> list[str]:
    result = home.run("sessions", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    return [one["session_uuid"] for one in json.loads(result.stdout)]


def test_a_session_has_a_title_models_agents_tokens_and_a_cost(source: Home) -> None:
    by_id = {one["session_uuid"]: one for one in json.loads(source.run("sessions", "--json").stdout)}
    assert (by_id[TEA]["title"], by_id[LOGIN]["title"]) == ("Make tea", "Fix the login --password [redacted]")
    assert (by_id[LOGIN]["models"], by_id[LOGIN]["agents"]) == (["claude-opus-4-6"], ["main", "Explore"])
    assert by_id[LOGIN]["tokens"] == {"input": 40, "output": 200, "cache_read": 0, "cache_write": 0}
    assert by_id[LOGIN]["cost_usd"] == pytest.approx(4 * by_id[TEA]["cost_usd"])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), [LOGIN, TEA]),
        (("--since", "60d"), [LOGIN, TEA, OLD]),
        (("--since", "60d", "--until", "7d"), [OLD]),
        (("--until", "70m"), [LOGIN]),
        (("--sort", "cost"), [LOGIN, TEA]),
        (("--sort", "cost", "--order", "asc"), [TEA, LOGIN]),
        (("--sort", "title"), [LOGIN, TEA]),
        (("--sort", "title", "--order", "desc"), [TEA, LOGIN]),
        (("--sort", "failed"), [TEA, LOGIN]),
        (("--sort", "last-activity", "--order", "asc"), [TEA, LOGIN]),
        (("--failed",), [TEA]),
        (("--model", "*opus*"), [LOGIN, TEA]),
        (("--model", "opus"), []),
        (("--agent", "Explore"), [LOGIN]),
        (("--since", "60d", "--project", "blog"), [OLD]),
        (("--since", "60d", "--project", "sh*"), [LOGIN, TEA]),
        (("--since", "60d", "--project", "b_og"), []),
    ],
    ids=" ".join,
)
def test_options_select_and_sort(source: Home, words: tuple[str, ...], found: list[str]) -> None:
    assert ids(source, *words) == found


def test_an_end_that_is_a_date_includes_that_day(source: Home) -> None:
    day = f"{datetime.fromtimestamp(now_us() / 1e6 - 30 * 86_400, UTC).astimezone():%Y-%m-%d}"
    assert ids(source, "--since", day, "--until", day) == [OLD]


def test_a_list_without_sessions_repeats_what_was_asked_for(lived_in: Home) -> None:
    shown = lived_in.run("sessions", "--model", "haiku", "--failed", "--since", "7d", "--until", "1d").stdout
    assert shown.startswith("No sessions of model haiku with failed calls since 7d until 1d in ")


@pytest.mark.parametrize(
    "words",
    [("--until", "soon"), ("--until", "99999-12-31"), ("--until", "2026-02-30"), ("--sort", "colour")],
    ids=" ".join,
)
def test_a_wrong_value_is_one_sentence(lived_in: Home, words: tuple[str, str]) -> None:
    result = lived_in.run("sessions", *words)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert words[1] in result.stderr


@pytest.mark.parametrize(
    ("columns", "head"),
    [
        (60, "session title project calls cost"),
        (100, "session title project model status last line calls failed cost"),
        (160, "session title project model status last line calls failed sub-agents duration tokens cost"),
    ],
)
def test_a_narrow_terminal_shows_fewer_columns(source: Home, columns: int, head: str) -> None:
    first, *others = in_terminal(source, columns, "sessions")
    assert first.split() == head.split()
    assert max(map(len, (first, *others))) <= columns
    assert "Make tea" in others[1]
    assert others[1].endswith("$0.0013")
