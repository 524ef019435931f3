"""`hookmeter cost --profile`: the costs of one account among those of several configuration directories."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.transcript_lines import SLUG, assistant_line, write

PROFILES = {"work": [1, 2], "private": [3]}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two profiles that CLAUDE_CONFIG_DIR lists, and one in the usual place."""
    write_message(tmp_path / ".claude", "usual", 4)
    for profile, numbers in PROFILES.items():
        for number in numbers:
            write_message(tmp_path / profile, f"{profile}-{number}", number)
    listed = ", ".join(str(tmp_path / profile) for profile in PROFILES)
    return Home(tmp_path, {"CLAUDE_CONFIG_DIR": listed})


def write_message(profile: Path, session: str, number: int) -> None:
    line = assistant_line(number, second=number, sessionId=session)
    write(profile / "projects" / SLUG / f"{session}.jsonl", line)


def count(home: Home) -> None:
    roots = [str(home.path / profile / "projects") for profile in (*PROFILES, ".claude")]
    with open_ledger(home.data, 200) as ledger:
        Meter([], ledger, transcript_roots=roots).catch_up()


def sessions(home: Home, *words: str | Path) -> list[str]:
    result = home.run("cost", "--by", "session", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    return sorted(row["session"] for row in json.loads(result.stdout)["rows"])


def of_profiles(home: Home) -> list[list[str]]:
    work, private = home.path / "work", home.path / "private"
    return [
        sessions(home),
        sessions(home, "--profile", work),
        sessions(home, "--profile", "private"),
        sessions(home, "--profile", work, "--profile", private),
        sessions(home, "--profile", "~/.claude"),
        sessions(home, "--profile", "none"),
    ]


EXPECTED = [
    ["private-3", "usual", "work-1", "work-2"], ["work-1", "work-2"], ["private-3"], ["private-3", "work-1", "work-2"],
    ["usual"], [],
]  # fmt: skip


def test_a_profile_has_its_own_sessions(home: Home) -> None:
    assert of_profiles(home) == EXPECTED


def test_a_profile_has_its_own_sessions_in_the_ledger_and_beyond(home: Home) -> None:
    count(home)
    assert of_profiles(home) == EXPECTED
    write_message(home.path / "work", "work-5", 5)
    assert sessions(home, "--profile", "work") == ["work-1", "work-2", "work-5"]


def test_a_profile_has_its_own_sessions_after_they_are_deleted(home: Home) -> None:
    count(home)
    for profile in (*PROFILES, ".claude"):
        shutil.rmtree(home.path / profile)
    assert of_profiles(home) == EXPECTED


def test_a_profile_takes_precedence_over_directories_of_the_exporter(home: Home) -> None:
    exporters = home.with_variables(HOOKMETER_TRANSCRIPTS_DIR=str(home.path / "work" / "projects"))
    assert sessions(exporters) == EXPECTED[1]
    assert sessions(exporters, "--profile", "private") == EXPECTED[2]
