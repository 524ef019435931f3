"""Costs that only the ledger remembers."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from tests.exporter.commands.costs import (
    TOTAL,
    groups,
    report,
)
from tests.support.hookmeter_process import Home
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, write


@pytest.fixture
def counted(spent: Home, projects: Path) -> Home:
    """What was spent, after an exporter has read it together with another profile."""
    write(spent.path / "other" / "projects" / SLUG / "elsewhere.jsonl", assistant_line(77, sessionId="elsewhere"))
    data = spent.data
    with open_ledger(data, 200) as ledger:
        roots = [str(projects), str(spent.path / "other" / "projects")]
        Meter([], ledger, transcript_roots=roots).catch_up()
    return spent.with_variables(HOOKMETER_DATA_DIR=str(data))


@pytest.mark.parametrize("by", ["model", "project", "agent", "day", "session"])
def test_what_was_deleted_is_still_in_the_ledger(counted: Home, projects: Path, by: str) -> None:
    before = report(counted, "--by", by)
    for path in projects.rglob("*.jsonl"):
        path.unlink()
    after = report(counted, "--by", by)
    assert (after["rows"], after["total"]) == (before["rows"], before["total"])


def test_the_ledger_and_the_lines_that_it_lacks_are_one_report(counted: Home, projects: Path) -> None:
    assert report(counted)["total"]["requests"] == 5
    write(projects / SLUG / f"{SESSION}.jsonl", assistant_line(1, usage(10, 60)), assistant_line(5))
    total = report(counted)["total"]
    assert (total["requests"], total["output_tokens"]) == (6, 4_158 + 50 + 10 + 50)


def test_with_given_directories_the_sessions_of_other_profiles_are_left_out(counted: Home, projects: Path) -> None:
    assert report(counted, "--transcripts-dir", projects)["total"] == pytest.approx(TOTAL, rel=1e-12)
    assert groups(counted, "session", "--transcripts-dir", counted.path / "other" / "projects") == [("elsewhere", 1)]


def test_a_ledger_of_another_version_is_reported_and_the_transcripts_are_read(counted: Home) -> None:
    with closing(sqlite3.connect(counted.data / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 999")
    result = counted.run("cost", "--json")
    assert json.loads(result.stdout)["total"] == pytest.approx(TOTAL, rel=1e-12)
    assert "is of another version of hookmeter" in result.stderr
