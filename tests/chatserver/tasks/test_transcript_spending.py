"""What a run without a result has spent: the same figure as everywhere else that reads its transcript."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatserver.settings import TaskSettings
from chatserver.tasks.new_tasks import validated_task
from chatserver.tasks.records import NewTask, Spent, Task
from chatserver.tasks.transcript_spending import TranscriptSpending, spent_so_far
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.money import PICODOLLARS
from exporter.prices.table import load_prices
from exporter.reports.costs import Messages
from exporter.serving.pages import TEXT, Pages
from exporter.sources.timestamps import to_us
from tests.chatserver.people import ANN
from tests.support.page import samples_of
from tests.support.transcript_lines import NOON, SESSION, SLUG, assistant_line, usage, write

PRICES = load_prices()
SONNET = "claude-sonnet-4-5"
# 7 tokens of output, and 100,000 of cache reads that only the second line reports.
EXPECTED = 30_105_000_000
assert EXPECTED == 0.030105 * PICODOLLARS


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """A transcript with two lines of one message."""
    lines = (assistant_line(1, usage(0, 7, read=read), model=SONNET) for read in (0, 100_000))
    write(tmp_path / "projects" / SLUG / f"{SESSION}.jsonl", *lines)
    return tmp_path / "projects"


@pytest.fixture
def task(tmp_path: Path) -> Task:
    new = validated_task(NewTask(ANN, "work"), TaskSettings("claude", (tmp_path,)), "1")
    return replace(new, session_uuid=SESSION, started_us=to_us(NOON.isoformat()))


def test_a_run_that_left_no_result_costs_what_its_transcript_says(projects: Path, task: Task) -> None:
    assert spent_so_far(task, [str(projects)], PRICES) == Spent(EXPECTED, 100_007, 1)


def test_the_exporter_and_the_report_come_to_the_same(projects: Path, tmp_path: Path) -> None:
    messages = Messages(PRICES)
    messages.read_projects([str(projects / SLUG)])
    assert [message.cost.total for message in messages.all() if message.cost] == [EXPECTED]
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([], ledger, transcript_roots=[str(projects)])
        meter.catch_up()
        page = samples_of(Pages(meter).page(TEXT).plain.decode())
    assert [value for (name, _), value in page.items() if name == "claude_cost_usd_total"] == [EXPECTED / PICODOLLARS]


def test_what_the_session_used_before_the_run_is_not_the_runs(projects: Path, task: Task) -> None:
    started_us = task.started_us or 0
    later = replace(task, started_us=started_us + 1000)
    assert spent_so_far(later, [str(projects)], PRICES) == Spent()
    in_the_same_millisecond = replace(task, started_us=started_us + 999)  # more is not in transcripts
    assert spent_so_far(in_the_same_millisecond, [str(projects)], PRICES) == Spent(EXPECTED, 100_007, 1)


def test_what_a_session_without_a_transcript_has_spent_is_unknown(tmp_path: Path, task: Task) -> None:
    assert spent_so_far(task, [str(tmp_path / "none")], PRICES) == Spent(is_known=False)


@pytest.mark.parametrize("name", ["", f"../{SLUG}/{SESSION}", SESSION[:-1] + "?"])
def test_only_the_name_of_a_session_finds_transcripts(projects: Path, task: Task, name: str) -> None:
    assert spent_so_far(replace(task, session_uuid=name), [str(projects)], PRICES) == Spent(is_known=False)


def test_what_is_written_meanwhile_is_read_on_sub_agents_included(projects: Path) -> None:
    spending = TranscriptSpending(SESSION, 0, [str(projects)], PRICES)
    assert spending.read_new() == spending.read_new() == Spent(EXPECTED, 100_007, 1)
    line = assistant_line(2, usage(0, 7, read=100_000), model=SONNET, isSidechain=True, agentId="a1")
    write(projects / SLUG / SESSION / "subagents" / "agent-a1.jsonl", line)
    assert spending.read_new() == Spent(2 * EXPECTED, 200_014, 1)


def test_a_transcript_that_is_written_after_the_first_look_is_found(projects: Path, tmp_path: Path) -> None:
    spending = TranscriptSpending(SESSION, 0, [str(tmp_path / "later")], PRICES)
    assert spending.read_new() == Spent(is_known=False)
    projects.rename(tmp_path / "later")
    assert spending.read_new() == Spent(EXPECTED, 100_007, 1)
