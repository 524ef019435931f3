"""`hookmeter cost`: exact numbers in a terminal, in a pipe, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.exporter.commands.costs import (
    HAIKU,
    HEADINGS,
    NUMBERS,
    OPUS,
    OPUS_COST,
    OTHER_SESSION,
    TOTAL,
    UNKNOWN,
    groups,
    report,
    row,
)
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import MINUTE_US, append, iso, now_us
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, write

OPUS_ROW = row(2, 1_010, 4_050, 5_000, 600, 400, 3, 0, OPUS_COST, 0.022_5 - 0.000_75 - 0.002)
HAIKU_ROW = row(1, 2_000, 100, 10_000, 0, 0, 0, 0, 0.002 + 0.000_5 + 0.001, 0.009)
UNKNOWN_ROW = row(1, 7, 8, 9, 10, 11, 0, 45, None, None, unpriced_cache=30)


def test_the_numbers_are_those_counted_by_hand(spent: Home) -> None:
    told = report(spent)
    assert told["total"] == pytest.approx(TOTAL, rel=1e-12)
    assert [line.pop("model") for line in told["rows"]] == [OPUS, HAIKU, UNKNOWN]
    opus, haiku, unknown = told["rows"]
    assert opus == pytest.approx(OPUS_ROW, rel=1e-12)
    assert haiku == pytest.approx(HAIKU_ROW, rel=1e-12)
    assert unknown == UNKNOWN_ROW
    assert (told["by"], told["since"]) == (["model"], None)
    assert abs(datetime.fromisoformat(told["until"]) - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("model", [(OPUS, 2), (HAIKU, 1), (UNKNOWN, 1)]),
        ("project", [("shop", 3), ("tools", 1)]),
        ("agent", [("main", 3), ("Explore", 1)]),
        ("day", [("2026-11-22", 2), ("2026-11-23", 2)]),
        ("session", [(SESSION, 3), (OTHER_SESSION, 1)]),
    ],
)
def test_the_total_is_the_same_for_every_grouping(spent: Home, by: str, expected: list[tuple[str, int]]) -> None:
    assert groups(spent, by) == expected
    assert report(spent, "--by", by)["total"] == pytest.approx(TOTAL, rel=1e-12)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC0", [("2026-11-22", 2), ("2026-11-23", 2)]),
        ("EST5", [("2026-11-22", 3), ("2026-11-23", 1)]),
        ("<+14>-14", [("2026-11-23", 3), ("2026-11-24", 1)]),
    ],
)
def test_days_are_those_of_the_time_zone(spent: Home, zone: str, expected: list[tuple[str, int]]) -> None:
    assert sorted(groups(spent.with_variables(TZ=zone), "day")) == expected


def test_a_pipe_gets_a_line_per_row_the_total_and_a_note_on_unpriced_tokens(spent: Home) -> None:
    head, *lines, total, note = spent.run("cost").stdout.splitlines()
    assert head.split() == ["model", *HEADINGS.split()]
    assert [line.split() for line in lines] == [
        [OPUS, "2", "1,010", "4,050", "5,000", "1,000", "3", "$0.0198", "$0.1466"],
        [HAIKU, "1", "2,000", "100", "10,000", "0", "–", "$0.0090", "$0.0035"],
        [UNKNOWN, "1", "7", "8", "9", "21", "–", "unknown", "unknown"],
    ]
    assert total.split() == ["total", "4", "3,017", "4,158", "15,009", "1,021", "3", "$0.0288+", "$0.1500+"]
    assert note.startswith("45 tokens are of models without a known price")
    assert note.endswith("Set a price with --prices.")
    assert not any(line.endswith(" ") for line in (head, *lines, total, note))


def test_there_is_no_note_if_every_model_has_a_price(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, usage(0, 100, five=2_000_000)))
    head, line, total = home.run("cost").stdout.splitlines()
    assert head.split()[0] == "model"
    assert (line.split()[-2:], total.split()[-2:]) == (["-$2.50", "$12.50"], ["-$2.50", "$12.50"])


def test_csv_has_the_numbers_of_json(spent: Home) -> None:
    for by in ("model", "day"):
        result = spent.run("cost", "--csv", "--by", by)
        assert (result.returncode, result.stderr) == (0, "")
        head, *lines = csv.reader(io.StringIO(result.stdout, newline=""))
        assert head == [by, *NUMBERS]
        told = report(spent, "--by", by)["rows"]
        assert lines == [[_text(line[name]) for name in head] for line in told]


def _text(value: float | str | None) -> str:
    return "" if value is None else str(value)


def test_conflicting_and_invalid_options_are_refused(spent: Home) -> None:
    assert "--json, --csv and --live exclude each other" in spent.refused("cost", "--json", "--csv")
    assert "'moon' is not a group; use hour, day, week, month, block, model" in spent.refused("cost", "--by", "moon")
    assert "--live needs a terminal" in spent.refused("cost", "--live")
    for zone in ("Moon/Crater", "../../etc/passwd", ""):
        assert f"unknown time zone {zone!r}; use one such as Europe/Berlin" in spent.refused("cost", "--timezone", zone)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("7d", ["hour", "day", "week"]),
        ("24h", ["hour"]),
        ("90m", ["hour"]),
        ("1w", ["hour", "day", "week"]),
        ("1m", []),
    ],
)
def test_since_excludes_older_messages(home: Home, projects: Path, since: str, expected: list[str]) -> None:
    ages = {"hour": 60, "day": 30 * 60, "week": 6 * 24 * 60, "month": 29 * 24 * 60}
    for number, (name, minutes) in enumerate(ages.items()):
        line = assistant_line(number, timestamp=iso(now_us() - minutes * MINUTE_US), sessionId=name)
        write(projects / SLUG / "a.jsonl", line)
    found = groups(home, "session", "--since", since)
    assert sorted(found) == sorted((name, 1) for name in expected)


@pytest.mark.parametrize(
    ("zone", "since", "requests"),
    [
        ("UTC0", "2026-11-22", 4), ("UTC0", "2026-11-22T12:00", 4), ("UTC0", "2026-11-22T12:00:01", 2),
        ("UTC0", "2026-11-23", 2), ("EST5", "2026-11-23", 1), ("<+14>-14", "2026-11-23", 4),
        ("EST5", "2026-11-23T00:00Z", 2), ("UTC0", "2026-11-24", 0), ("UTC0", "1970-01-01", 4),
    ],
)  # fmt: skip
def test_since_a_date_starts_at_its_local_midnight(spent: Home, zone: str, since: str, requests: int) -> None:
    told = report(spent.with_variables(TZ=zone), "--since", since)
    assert told["total"]["requests"] == requests
    assert datetime.fromisoformat(told["since"]).tzinfo is not None


@pytest.mark.parametrize("since", ["yesterday", "", "7", "-7d", "2026-02-30", "99999999d", "9999-12-31T23:00-05:00"])
def test_an_invalid_time_is_one_line(spent: Home, since: str) -> None:
    assert f"invalid time {since!r}; use 7d, 12h or 2026-11-28" in spent.refused("cost", f"--since={since}")


def test_without_transcripts_it_reports_where_it_searched(home: Home) -> None:
    result = home.run("cost")
    places = ", ".join(str(home.path / name / "projects") for name in (".claude", ".config/claude"))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"No API messages in the transcripts in {places}.\n"
    assert home.run("cost", "--since", "7d").stdout.startswith("No API messages since 7d in the transcripts in ")
    empty = row(0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0)
    assert (report(home)["rows"], report(home)["total"]) == ([], empty)
    assert home.run("cost", "--csv").stdout == ",".join(("model", *NUMBERS)) + "\n"


def test_the_directories_are_those_given_else_those_of_claude_code(spent: Home, projects: Path) -> None:
    elsewhere, third = spent.path / "elsewhere", spent.path / "third"
    write(elsewhere / "projects" / SLUG / "a.jsonl", assistant_line(77))
    write(third / SLUG / "a.jsonl", assistant_line(78), assistant_line(1))
    asked = [
        report(spent)["total"]["requests"],
        report(spent.with_variables(CLAUDE_CONFIG_DIR=str(elsewhere)))["total"]["requests"],
        report(spent.with_variables(CLAUDE_CONFIG_DIR=str(projects.parent)))["total"]["requests"],
        report(spent.with_variables(CLAUDE_CONFIG_DIR=f"{elsewhere}, {projects.parent}"))["total"]["requests"],
        report(spent, "--transcripts-dir", third)["total"]["requests"],
        report(spent, "--transcripts-dir", third, "--transcripts-dir", projects)["total"]["requests"],
        report(spent.with_variables(HOOKMETER_TRANSCRIPTS_DIR=f"{third}:{elsewhere}/projects"))["total"]["requests"],
    ]
    assert asked == [4, 5, 4, 5, 2, 5, 3]


def test_an_incomplete_last_line_is_not_counted(home: Home, projects: Path) -> None:
    line = assistant_line(2)
    path = write(projects / SLUG / "a.jsonl", assistant_line(1), line[:-20])
    assert report(home)["total"]["requests"] == 1
    write(path, line[-20:-1])
    assert report(home)["total"]["requests"] == 2  # complete except for its newline
    append(path, "", "no JSON", '{"usage"')
    assert report(home)["total"]["requests"] == 2


def test_unreadable_files_are_reported_and_do_not_affect_others(spent: Home, projects: Path) -> None:
    bad = projects / SLUG / "a-bad.jsonl"
    bad.symlink_to("/proc/self/mem")  # opens, and cannot be read, also by root
    ring = spent.path / "ring" / "projects"
    ring.parent.mkdir()
    ring.symlink_to(ring)
    result = spent.with_variables(CLAUDE_CONFIG_DIR=str(ring.parent)).run("cost", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["total"] == pytest.approx(TOTAL, rel=1e-12)
    told = sorted(result.stderr.splitlines())
    assert [line.partition(" (")[0] for line in told] == [
        f"hookmeter: {path} cannot be read" for path in sorted(map(str, (bad, ring)))
    ]
    assert all(line.endswith("; its data is missing here") for line in told)


def test_the_users_own_prices_take_precedence(spent: Home) -> None:
    own = {"models": {UNKNOWN: {"input": 1_000, "output": 2_000}, OPUS: {"input": 100, "output": 200, "web_search": 0}}}
    (spent.path / "prices.json").write_text(json.dumps(own))
    for told in (
        report(spent, "--prices", "prices.json"),
        report(spent.with_variables(HOOKMETER_PRICES="prices.json")),
    ):
        costs = {line["model"]: line["cost_usd"] for line in told["rows"]}
        assert costs[UNKNOWN] == pytest.approx(0.037 + 0.016)  # a missing cache price is that of input
        assert costs[OPUS] == pytest.approx((1_010 + 6_000) * 100e-6 + 4_050 * 200e-6)
        assert costs[HAIKU] == pytest.approx(HAIKU_ROW["cost_usd"])
        assert told["total"]["unpriced_tokens"] == 0
    assert "without a known price" not in spent.run("cost", "--prices", "prices.json").stdout


def test_the_organizations_prices_apply(spent: Home) -> None:
    file = spent.path / "other-settings.json"
    file.write_text('{"modelPricing": {"multiplier": 0.5}}')
    (spent.path / "managed-settings.json").write_text('{"modelPricing": {"multiplier": 0.25}}')
    for words, multiplier in (((), 0.25), (("--managed-settings", file), 0.5)):
        told = json.loads(spent.run("cost", "--json", *words).stdout)
        assert told["total"]["cost_usd"] == pytest.approx(TOTAL["cost_usd"] * multiplier)
    result = spent.run("cost", "--managed-settings", file)
    assert f"\nPrices: your organization's in {file}, all prices × 0.5; list prices of 20" in result.stdout
    assert "Prices:" not in spent.run("cost", "--managed-settings", spent.path / "none.json").stdout


@pytest.mark.parametrize("command", [("cost",), ("cost", "--json"), ("backfill",)], ids=" ".join)
def test_invalid_prices_of_the_organization_cost_a_warning(spent: Home, command: tuple[str, ...]) -> None:
    file = spent.path / "managed-settings.json"
    before = spent.run(*command)
    file.write_text("{")
    result = spent.run(*command)
    assert result.returncode == before.returncode == 0
    (warning,) = result.stderr.splitlines()
    assert warning == (
        f"hookmeter: {file} is not a JSON object (Input data was truncated); it is ignored until it is fixed."
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "prices.json cannot be read (No such file or directory)"),
        ("", "prices.json is not a price file"),
        ("{", "prices.json is not a price file"),
        ("[]", "prices.json is not a price file"),
        ('{"models": {"m": {"input": 1}}}', "prices.json is not a price file"),
        ('{"models": {"m": {"input": 1, "output": 2, "cached": 3}}}', "prices.json is not a price file"),
        ('{"models": {"m": {"input": -1, "output": 2}}}', "prices.json: m: invalid price -1"),
        ('{"models": {"m": {"input": 0.0000001, "output": 2}}}', "decimal places"),
    ],
)
def test_an_invalid_price_file_is_one_line(spent: Home, text: str | None, told: str) -> None:
    if text is not None:
        (spent.path / "prices.json").write_text(text)
    assert told in spent.refused("cost", "--prices", "prices.json")
