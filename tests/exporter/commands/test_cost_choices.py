"""`hookmeter cost`: which messages it reports, by what, and in which order."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.exporter.commands.costs import HAIKU, OPUS, OPUS_COST, OTHER_SESSION, TOTAL, UNKNOWN, groups, report
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import iso, now_us
from tests.support.terminals import in_terminal, running_in_terminal
from tests.support.transcript_lines import NOON, SESSION, SLUG, assistant_line, usage, write

HOUR_US = 3_600_000_000
GAP = r"(?:\x1b\[[\d;]*m|\s)+"  # between two cells of a styled row


@pytest.mark.parametrize(
    ("words", "requests"),
    [
        (("--project", "shop"), 3),
        (("--project", "SHOP", "--project", "tools"), 4),
        (("--project", "sho"), 0),
        (("--project", "s*p"), 3),
        (("--project", "."), 0),
        (("--model", "*opus*"), 2),
        (("--model", "*opus*", "--agent", "Explore"), 0),
        (("--agent", "Explore"), 1),
        (("--session", SESSION[:8]), 3),
        (("--session", SESSION[:8], "--session", OTHER_SESSION), 4),
        (("--until", "2026-11-22"), 2),
        (("--until", "2026-11-23"), 4),
        (("--since", "20261122", "--until", "20261122"), 2),
        (("--until", "2026-11-23T00:59"), 2),
        (("--since", "2026-11-23", "--until", "2026-11-23T02:00"), 1),
        (("--until", "2026-11-21"), 0),
    ],
)
def test_only_what_was_asked_for_is_reported(spent: Home, words: tuple[str, ...], requests: int) -> None:
    assert report(spent.with_variables(TZ="UTC0"), *words)["total"]["requests"] == requests


def test_where_nothing_matches_the_answer_repeats_the_question(spent: Home) -> None:
    words = ("--project", "moon", "--model", "*opus*", "--since", "7d", "--until", "1d")
    expected = "No API messages of project moon of model *opus* since 7d until 1d in the transcripts in "
    assert spent.run("cost", *words).stdout.startswith(expected)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("week", [("2026-11-16", 2), ("2026-11-23", 2)]),
        ("month", [("2026-11", 4)]),
        ("hour", [("2026-11-22 12:00+00:00", 2), ("2026-11-23 01:00+00:00", 1), ("2026-11-23 12:00+00:00", 1)]),
        ("block", [("2026-11-22 12:00+00:00", 2), ("2026-11-23 01:00+00:00", 1), ("2026-11-23 12:00+00:00", 1)]),
    ],
)
def test_periods_are_in_chronological_order(spent: Home, by: str, expected: list[tuple[str, int]]) -> None:
    utc = spent.with_variables(TZ="UTC0")
    assert groups(utc, by) == expected
    assert groups(utc, by, "--order", "asc") == expected
    assert groups(utc, by, "--order", "desc") == expected[::-1]


def test_a_time_zone_may_be_named(spent: Home) -> None:
    asked = spent.with_variables(TZ="UTC0")
    assert groups(asked, "hour", "--timezone", "Asia/Kolkata")[0] == ("2026-11-22 17:00+05:30", 2)
    assert groups(asked, "day", "--timezone", "Pacific/Kiritimati") == [("2026-11-23", 3), ("2026-11-24", 1)]
    words = ("--since", "2026-11-23", "--until", "2026-11-23", "--timezone", "Pacific/Kiritimati")
    assert report(asked, *words)["total"]["requests"] == 3


def test_the_hour_that_comes_twice_where_clocks_are_put_back_is_two_hours_in_order(home: Home, projects: Path) -> None:
    for number, time in enumerate(("2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z")):
        write(projects / SLUG / "a.jsonl", assistant_line(number, timestamp=time))
    expected = [("2026-10-25 02:00+02:00", 1), ("2026-10-25 02:00+01:00", 1)]
    assert groups(home, "hour", "--timezone", "Europe/Berlin") == expected


def test_costs_are_in_descending_order_unless_asked_otherwise(spent: Home) -> None:
    assert [name for name, _ in groups(spent, "model", "--order", "desc")] == [OPUS, HAIKU, UNKNOWN]
    assert [name for name, _ in groups(spent, "model", "--order", "asc")] == [UNKNOWN, HAIKU, OPUS]


def test_several_groups_are_combined_whatever_they_are_separated_by(spent: Home) -> None:
    asked = spent.with_variables(TZ="UTC0")
    found = report(asked, "--by", "day,model", "--by", "agent")
    assert found["by"] == ["day", "model", "agent"]
    assert [(row["day"], row["model"], row["agent"], row["requests"]) for row in found["rows"]] == [
        ("2026-11-22", OPUS, "main", 1),
        ("2026-11-22", HAIKU, "Explore", 1),
        ("2026-11-23", OPUS, "main", 1),
        ("2026-11-23", UNKNOWN, "main", 1),
    ]
    assert found["total"] == pytest.approx(TOTAL, rel=1e-12)
    head, *lines = csv.reader(io.StringIO(asked.run("cost", "--csv", "--by", "day,model").stdout, newline=""))
    assert (head[:3], lines[0][:3]) == (["day", "model", "requests"], ["2026-11-22", OPUS, "1"])
    table = asked.run("cost", "--by", "day,model").stdout.splitlines()
    assert table[0].split()[:3] == ["day", "model", "requests"]
    assert table[1].split()[:3] == ["2026-11-22", OPUS, "1"]
    assert table[5].split()[:2] == ["total", "4"]


def test_a_breakdown_has_the_models_of_each_row(spent: Home) -> None:
    shop, tools = report(spent, "--by", "project", "--breakdown")["rows"]
    assert [(row["model"], row["requests"]) for row in shop["by_model"]] == [(OPUS, 2), (HAIKU, 1)]
    assert shop["by_model"][0]["cost_usd"] == pytest.approx(OPUS_COST)
    assert [row["model"] for row in tools["by_model"]] == [UNKNOWN]
    assert (
        spent.run("cost", "--by", "project,model", "--breakdown").stdout
        == spent.run("cost", "--by", "project,model").stdout
    )
    lines = spent.run("cost", "--by", "project", "--breakdown").stdout.splitlines()
    assert [line[:9] for line in lines[1:6]] == [
        "shop     ",
        f"  {OPUS[:7]}",
        f"  {HAIKU[:7]}",
        "tools    ",
        "  gpt-5  ",
    ]
    assert len({len(line) for line in lines[:7]}) == 1


def test_a_compact_table_has_few_columns(spent: Home) -> None:
    head, *_lines, total, _note = spent.run("cost", "--compact").stdout.splitlines()
    assert (head.split(), total.split()) == (
        ["model", "input", "output", "cost"],
        ["total", "3,017", "4,158", "$0.1500+"],
    )


def test_two_columns_of_names_fit_a_terminal(spent: Home) -> None:
    lines = in_terminal(spent, 100, "cost", "--by", "session,model")
    assert max(map(len, lines[:5])) <= 100
    assert lines[1].split()[:2] == [SESSION, OPUS]


def test_blocks_depend_on_what_came_before_although_it_is_not_reported(home: Home, projects: Path) -> None:
    for hour in (0, 4, 5.5, 9, 20):
        write(projects / SLUG / "a.jsonl", assistant_line(int(hour * 2), second=hour * 3600))
    asked = home.with_variables(TZ="UTC0")
    starts = [("2026-11-22 12:00+00:00", 2), ("2026-11-22 17:00+00:00", 2), ("2026-11-23 08:00+00:00", 1)]
    assert groups(asked, "block") == starts
    assert groups(asked, "block", "--since", "2026-11-22T20:00") == [("2026-11-22 17:00+00:00", 1), starts[2]]
    assert report(asked, "--by", "block")["active_block"] is None


def test_the_active_block_has_its_cost_its_rate_and_what_it_may_cost_in_the_end(home: Home, projects: Path) -> None:
    start_us = (now_us() - 2 * HOUR_US) // HOUR_US * HOUR_US
    first_us = start_us + HOUR_US // 2
    for number, time_us in enumerate((first_us, first_us + 60_000_000)):
        line = assistant_line(number, usage(0, 40_000), timestamp=iso(time_us), sessionId="s")  # a dollar
        write(projects / SLUG / "a.jsonl", line)
    block = report(home, "--by", "block", "--timezone", "UTC")["active_block"]
    estimated = json.loads(home.run("quota", "--json").stdout)["estimated"]
    elapsed_hours = (now_us() - start_us) / HOUR_US
    assert block["block"] == report(home, "--by", "block", "--timezone", "UTC")["rows"][0]["block"]
    assert block["cost_usd"] == pytest.approx(2)
    assert block["cost_usd_per_hour"] == pytest.approx(2 / elapsed_hours, rel=0.01)
    assert block["projected_cost_usd"] == pytest.approx(10 / elapsed_hours, rel=0.01)
    assert estimated["at_reset_usd"] == pytest.approx(block["projected_cost_usd"], rel=0.01)
    assert report(home, "--by", "block", "--timezone", "UTC", "--since", "1m")["active_block"]["cost_usd"] == 2
    assert report(home, "--by", "block", "--until", "1m")["active_block"] is None
    note = home.run("cost", "--by", "block").stdout.splitlines()[-1]
    assert re.fullmatch(
        r"The block since .+ is active until .+: \$2\.00 so far, \$[\d.]+ an hour; at this rate, .+", note
    )


@pytest.mark.parametrize(
    ("output", "shown"),
    [(40_000, "$1.00"), (39_999, "$1.0000"), (168, "$0.0042"), (1, "<$0.0001"), (2_000_000, "$50.00"), (0, "$0.00")],
)
def test_small_amounts_have_enough_digits(home: Home, projects: Path, output: int, shown: str) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, usage(0, output)))
    assert home.run("cost").stdout.splitlines()[1].split()[-1] == shown


def test_a_live_table_shows_what_is_new_and_ends_with_ctrl_c(home: Home, projects: Path) -> None:
    path = write(projects / SLUG / "a.jsonl", assistant_line(1, timestamp=iso(now_us())))
    yesterday = NOON.isoformat()
    write(path, assistant_line(2, timestamp=yesterday))
    with running_in_terminal(home, 120, "cost", "--live") as (terminal, process):
        terminal.wait_for(rf"total{GAP}1\b")
        write(path, assistant_line(3, timestamp=iso(now_us())))
        terminal.wait_for(rf"total{GAP}2\b")
    assert process.returncode == 0
    assert "Traceback" not in terminal.text
