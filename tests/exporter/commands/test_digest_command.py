"""`hookmeter digest`: as text, Markdown and JSON, of a day and of a week."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, SECOND_US, call, event, now_us
from tests.support.synthetic_transcripts import transcript_call
from tests.support.transcript_lines import SESSION

TODAY, YESTERDAY = f"{SESSION[:-1]}1", f"{SESSION[:-1]}2"


@pytest.fixture
def worked(home: Home) -> Home:
    """Two requests in the last day, one in the day before, and calls of which one has failed."""
    projects, now = home.path / ".claude" / "projects", now_us()
    transcript_call(projects, TODAY, now - 2 * HOUR_US)
    transcript_call(projects, TODAY, now - HOUR_US)
    transcript_call(projects, YESTERDAY, now - 30 * HOUR_US)
    event(home.sessions, TODAY, "SessionStart", now - 3 * HOUR_US, project_dir="/home/you/a|b*c", source="startup")
    call(home.sessions, TODAY, now - 2 * HOUR_US, tool="Grep")
    call(home.sessions, TODAY, now - HOUR_US, tool="Grep", error="it has failed")
    return home


def decoded(home: Home, *words: str) -> dict[str, Any]:
    result = home.run("digest", "--format", "json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def cost(home: Home, since: str) -> float:
    total: dict[str, float] = json.loads(home.run("cost", "--since", since, "--json").stdout)["total"]
    return total["cost_usd"]


def test_costs_agree_with_the_cost_report_and_are_compared_with_the_time_before(worked: Home) -> None:
    found = decoded(worked)
    day, both = cost(worked, "24h"), cost(worked, "48h")
    complete = {"unpriced_tokens": 0, "unpriced_tokens_before": 0}
    assert found["cost_usd"] == {"now": pytest.approx(day), "before": pytest.approx(both - day), **complete}
    assert sum(project["now"] for project in found["projects"]) == pytest.approx(day)
    assert sum(model["before"] for model in found["models"]) == pytest.approx(both - day)
    assert found["sessions"] == {"now": 1, "before": 1}


def test_a_week_has_all_of_it_and_nothing_before(worked: Home) -> None:
    found = decoded(worked, "--since", "7d")
    assert (found["cost_usd"]["now"], found["cost_usd"]["before"]) == (pytest.approx(cost(worked, "7d")), 0.0)
    assert found["sessions"] == {"now": 2, "before": 0}


def test_failures_and_long_sessions_are_listed(worked: Home) -> None:
    found = decoded(worked)
    assert (found["failed"], found["failed_tools"]) == (1, [{"tool": "Grep", "failed": 1, "calls": 2}])
    (session,) = found["longest_sessions"]
    assert (session["session_uuid"], session["failed"]) == (TODAY, 1)
    assert session["duration_ms"] == pytest.approx(2 * HOUR_US / 1000, rel=0.01)


def test_the_error_rate_is_the_share_of_all_calls_that_have_ended_denied_ones_too(worked: Home) -> None:
    denied = call(worked.sessions, TODAY, now_us() - HOUR_US, took_ms=None)
    event(worked.sessions, TODAY, "PermissionDenied", now_us() - HOUR_US + 1, tool_name="Bash", tool_use_id=denied)
    found = decoded(worked)
    assert (found["calls"], found["failed"], found["error_rate"]) == (5, 1, 1 / 5)  # two calls are in the transcript
    assert "5 calls, 1 failed (error rate 20.0%)" in worked.run("digest").stdout


def test_budgets_and_quotas_are_those_of_hookmeter_quota(worked: Home) -> None:
    words = ("--monthly-budget-usd", "50", "--daily-budget-usd", "3")
    quota = json.loads(worked.run("quota", "--json", *words).stdout)
    found = decoded(worked, *words)["quota"]
    assert [period["budget_usd"] for period in found["periods"]] == [3.0, 50.0]
    assert [period["spent_usd"] for period in found["periods"]] == [one["spent_usd"] for one in quota["periods"]]


def test_text_has_a_headline_and_tables(worked: Home) -> None:
    result = worked.run("digest")
    assert (result.returncode, result.stderr) == (0, "")
    title, headline, *_ = result.stdout.splitlines()
    assert title.startswith("hookmeter: ")
    assert " · 1 session (before: 1) · " in headline
    headings = [line for line in result.stdout.splitlines()[2:] if line and not line.startswith(" ")]
    assert headings == ["Projects", "Models", "Failed calls", "Longest sessions", "Quotas and budgets"]


def test_markdown_is_escaped_and_its_tables_have_equal_rows(worked: Home) -> None:
    event(worked.sessions, "other", "SessionStart", now_us() - SECOND_US, project_dir="/home/you/<img src=x>")
    text = worked.run("digest", "--format", "markdown").stdout
    assert "a\\|b\\*c" in text
    assert "\\<img src=x\\>" in text
    tables = [[line for line in part.splitlines() if line.startswith("|")] for part in text.split("### ")[1:]]
    assert all(len({line.replace("\\|", "").count("|") for line in table}) == 1 for table in tables)


def test_without_activity_it_says_so_in_numbers(home: Home) -> None:
    result = home.run("digest")
    assert result.returncode == 0
    assert "$0.00 (before: $0.00) · 0 sessions (before: 0) · 0 calls, 0 failed" in result.stdout


def test_an_invalid_time_is_an_error(home: Home) -> None:
    assert "invalid time 'soon'; use 7d, 12h or 2026-11-28." in home.refused("digest", "--since", "soon")
