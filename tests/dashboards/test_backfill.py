"""Totals on boards over the end of a backfilled history, which scrapes continue hours later."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboards import queries as q
from dashboards.growth import MAX_MISSED_SCRAPES
from exporter.commands.backfill import CREATE_BLOCKS
from exporter.demo.directories import DemoDirectories
from tests.dashboards.committed import ROOT, filled
from tests.dashboards.grafana_gaps import gaps
from tests.dashboards.totals import Increases
from tests.e2e.processes import hookmeter, query, wait_for
from tests.support.engines import Engine
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, iso, now_us
from tests.support.transcript_lines import assistant_line, usage, write

CONFIG = """
global: {{scrape_interval: 200ms}}
scrape_configs: [{{job_name: hookmeter, static_configs: [{{targets: ["{address}"], labels: {{host: build-07}}}}]}}]
"""
HISTORY_ENDS_HOURS = 3
SPENT_PER_MESSAGE = 6.0
SPENT = usage(plain=900_000, output=60_000)  # of Claude Opus 4.6
# Hours before now at which each project spends. The last ones of all but `old` are after the end of the history.
SPENT_AT_HOURS: dict[str, Sequence[float]] = {
    "shop": (200, 80, 79, 20, 1),
    "idle": (60, 1),
    "old": (120,),
    "new": (2, 1),
}
WINDOWS_HOURS = (4, 10, 24, 30, 78, 100, 168, 240)


@pytest.fixture
def directories(tmp_path: Path) -> DemoDirectories:
    return DemoDirectories.under(tmp_path)


def spend(directories: DemoDirectories, project: str, at_us: int) -> None:
    """Write a session with one message."""
    session = f"{project}-{at_us}"
    text = assistant_line(
        0, SPENT, message={"id": session}, timestamp=iso(at_us), cwd=f"/home/dev/{project}", sessionId=session
    )
    write(directories.transcripts / f"-home-dev-{project}" / f"{session}.jsonl", text)


def spend_in_the_past(directories: DemoDirectories, now: int) -> None:
    for project, hours in SPENT_AT_HOURS.items():
        for hour in hours:
            # Windows that end a few seconds later still begin at the same message.
            spend(directories, project, now - round(hour * HOUR_US) + 5 * MINUTE_US)


def spent_within(hours: float) -> Increases:
    """What each project has spent within so many hours before now, and once more while it was scraped."""
    spent = Counter({"shop": 1, "new": 1})
    for project, at_hours in SPENT_AT_HOURS.items():
        spent[project] += sum(at <= hours for at in at_hours)
    return {(("project", project),): times * SPENT_PER_MESSAGE for project, times in spent.items() if times}


def options(directories: DemoDirectories) -> tuple[str | Path, ...]:
    paths = ("--sessions-dir", directories.sessions, "--transcripts-dir", directories.transcripts)
    return (*paths, "--data-dir", directories.data)


def run(*words: str | Path) -> None:
    subprocess.run(words, check=True, capture_output=True)


@contextmanager
def backfilled(engine: Engine, directories: DemoDirectories, address: str, directory: Path) -> Iterator[str]:
    """An engine with the history of an exporter, which it scrapes: its address."""
    history, data = directory / "history.om", directory / "engine"
    labels = ("--instance", address, "--label", "host=build-07")
    run(sys.executable, "-m", "exporter", "backfill", *options(directories), *labels, "--output", history)
    if engine.is_prometheus:
        _, *words = CREATE_BLOCKS.split()
        run(engine.program("promtool"), *words, history, data / "tsdb")
    with engine.serve(CONFIG.format(address=address), data) as server:
        if not engine.is_prometheus:
            url = f"http://{server}/api/v1/import/prometheus"
            with urllib.request.urlopen(urllib.request.Request(url, history.read_bytes())) as response:
                assert response.status == 204
        often = f"min(count_over_time(up[1m])) > {MAX_MISSED_SCRAPES + 1} and on () claude_cost_usd_total offset 3h"
        wait_for(lambda: query(server, often), "the history and a few scrapes")
        yield server


def board_spending(server: str, hours: float, hours_ago: float = 0) -> Increases:
    """What a board shows for a range of so many hours."""
    at, span = time.time() - hours_ago * 3600, f"{round(hours * 3600)}s"
    found = query(server, filled(q.COST_BY_PROJECT, span, values=gaps(server, span, at)), at)
    return {labels: round(value, 6) for labels, value in found.items() if value}


def test_totals_over_the_end_of_a_history_are_exact(
    engine: Engine, directories: DemoDirectories, tmp_path: Path
) -> None:
    spend_in_the_past(directories, now_us())
    with (
        hookmeter(*options(directories)) as exporter,
        backfilled(engine, directories, exporter.address, tmp_path) as server,
    ):
        for project in ("shop", "new"):
            spend(directories, project, now_us())
        total = SPENT_PER_MESSAGE * (sum(map(len, SPENT_AT_HOURS.values())) + 2)
        wait_for(lambda: query(server, f"sum(claude_cost_usd_total) > {total - 1}"), "the last messages to be scraped")
        assert {hours: board_spending(server, hours) for hours in WINDOWS_HOURS} == {
            hours: spent_within(hours) for hours in WINDOWS_HOURS
        }
        # What a window that begins between history and scrapes counts begins at the end of the history.
        assert board_spending(server, 1.5) == spent_within(HISTORY_ENDS_HOURS)
        # A range that ends before the first scrape.
        assert board_spending(server, 24, hours_ago=70) == {(("project", "shop"),): 2 * SPENT_PER_MESSAGE}


def test_docs_create_blocks_as_the_command_says() -> None:
    for document in ("README.md", "docs/backfill.md"):
        text = (ROOT / document).read_text()
        assert text.count("create-blocks-from") == text.count(f"{CREATE_BLOCKS} ") > 0
