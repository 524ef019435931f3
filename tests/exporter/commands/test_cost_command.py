"""`hookmeter cost`: exact numbers in a terminal, in a pipe, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from exporter.ingest.meter import Meter
from exporter.ledger.file import FILE_NAME
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import MINUTE_US, append, iso, now_us
from tests.support.terminals import in_terminal
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, user_line, write

OPUS, HAIKU, UNKNOWN = "claude-opus-4-6", "claude-haiku-4-5-20251001", "gpt-5"
OTHER_SESSION = "99999999-aaaa-4bbb-8ccc-000000000002"
NUMBERS = (
    "requests", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
    "web_searches", "unpriced_tokens", "cost_usd", "cache_savings_usd", "not_itemized_usd",
)  # fmt: skip
HEADINGS = "requests input output cache read cache write searches saved cost"


def row(*numbers: float | None, not_itemized: float = 0.0) -> dict[str, Any]:
    return dict(zip(NUMBERS, (*numbers, not_itemized), strict=True))


# By hand, in dollars: opus is 5 for a million tokens in and 25 out, 0.5 from the cache, 6.25 and 10 into it; haiku is a
# fifth of it; a web search is a cent.
OPUS_COST = (0.000_05 + 0.001_25 + 0.002_5 + 0.003_75 + 0.004) + (0.005 + 0.1) + 0.03
OPUS_ROW = row(2, 1_010, 4_050, 5_000, 600, 400, 3, 0, OPUS_COST, 0.022_5 - 0.000_75 - 0.002)
HAIKU_ROW = row(1, 2_000, 100, 10_000, 0, 0, 0, 0, 0.002 + 0.000_5 + 0.001, 0.009)
UNKNOWN_ROW = row(1, 7, 8, 9, 10, 11, 0, 45, None, None)
TOTAL = row(4, 3_017, 4_158, 15_009, 610, 411, 3, 45, OPUS_COST + 0.003_5, 0.019_75 + 0.009)


@pytest.fixture
def projects(home: Home) -> Path:
    return home.path / ".claude" / "projects"


@pytest.fixture
def spent(home: Home, projects: Path) -> Home:
    """Messages of three models, two projects, two agents, two days and two sessions."""
    cached = usage(10, 50, read=5_000, five=600, hour=400, server_tool_use={"web_search_requests": 3})
    path = projects / SLUG / f"{SESSION}.jsonl"
    partly = usage(10, 3, read=5_000, five=600, hour=400)
    write(
        path, user_line(), assistant_line(1, partly), assistant_line(1, cached), assistant_line(1, partly), user_line()
    )
    write(
        projects / SLUG / "fork.jsonl", assistant_line(1, cached), assistant_line(2, usage(1_000, 4_000), second=86_400)
    )
    agents = path.with_suffix("") / "subagents"
    write(agents / "agent-a.jsonl", assistant_line(3, usage(2_000, 100, read=10_000), model=HAIKU, isSidechain=True))
    (agents / "agent-a.meta.json").write_text('{"agentType":"Explore"}')
    unpriced = usage(7, 8, read=9, five=10, hour=11)
    line = assistant_line(4, unpriced, second=46_800, model=UNKNOWN, cwd="/srv/tools", sessionId=OTHER_SESSION)
    write(projects / "-srv-tools" / f"{OTHER_SESSION}.jsonl", line)
    return home


def report(home: Home, *words: str | Path) -> dict[str, Any]:
    result = home.run("cost", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def groups(home: Home, by: str, *words: str | Path) -> list[tuple[str, int]]:
    """The groups in their order, and how many requests each has."""
    return [(line[by], line["requests"]) for line in report(home, "--by", by, *words)["rows"]]


def test_the_numbers_are_those_counted_by_hand(spent: Home) -> None:
    told = report(spent)
    assert told["total"] == pytest.approx(TOTAL, rel=1e-12)
    assert [line.pop("model") for line in told["rows"]] == [OPUS, HAIKU, UNKNOWN]
    opus, haiku, unknown = told["rows"]
    assert opus == pytest.approx(OPUS_ROW, rel=1e-12)
    assert haiku == pytest.approx(HAIKU_ROW, rel=1e-12)
    assert unknown == UNKNOWN_ROW
    assert (told["by"], told["since"]) == ("model", None)
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
        [OPUS, "2", "1,010", "4,050", "5,000", "1,000", "3", "$0.02", "$0.15"],
        [HAIKU, "1", "2,000", "100", "10,000", "0", "–", "$0.01", "$0.00"],
        [UNKNOWN, "1", "7", "8", "9", "21", "–", "unknown", "unknown"],
    ]
    assert total.split() == ["total", "4", "3,017", "4,158", "15,009", "1,021", "3", "$0.03", "$0.15+"]
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
    assert "--json and --csv exclude each other" in spent.refused("cost", "--json", "--csv")
    assert "'moon' is not one of 'model', 'project', 'agent', 'day', 'session'" in spent.refused("cost", "--by", "moon")


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


HOSTILE = "\x1b[2J\x07[bold]evil\r\nname\u202e"
SHOWN = " [2J [bold]evil  name"


def test_control_characters_in_a_name_are_not_sent_to_the_terminal(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, model=HOSTILE), assistant_line(2))
    for words in (("cost",), ("cost", "--csv")):
        piped = home.run(*words).stdout
        assert SHOWN in piped
        for shown in (piped.replace("\n", ""), "".join(in_terminal(home, 120, *words))):
            assert shown.isprintable()
    assert len(home.run("cost").stdout.splitlines()) == 5  # a heading, two models, the total and the note
    assert [line["model"] for line in report(home)["rows"]] == [OPUS, HOSTILE]


def test_wide_characters_keep_the_columns_straight(home: Home, projects: Path) -> None:
    for number, name in enumerate(("日本語モデル", "ascii", "e\u0301te\u0301", "🦀")):
        write(projects / SLUG / "a.jsonl", assistant_line(number, model=name))
    for lines in (home.run("cost").stdout.splitlines(), in_terminal(home, 100, "cost")):
        *table, _note = lines
        assert len(table) == 6
        assert len({cell_len(line.rstrip()) for line in table}) == 1


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160])
def test_rows_fit_the_terminal(home: Home, projects: Path, columns: int) -> None:
    large = usage(123_456, 96_310, read=31_204_118, five=2_204_560, server_tool_use={"web_search_requests": 1_234})
    write(projects / SLUG / "a.jsonl", assistant_line(1, large), assistant_line(2, large, model=UNKNOWN))
    head, first, second, total, *_note = in_terminal(home, columns, "cost")
    lines = [head, first, second, total]
    assert max(map(len, lines)) <= columns
    assert [line.split()[0] for line in lines] == ["model", OPUS, UNKNOWN, "total"]
    assert [line.split()[-1] for line in lines] == ["cost", "$44.75", "unknown", "$44.75+"]
    assert not any("…" in line for line in lines)
    shown = " ".join(head.split()[1:])
    assert (shown == HEADINGS) == (columns >= 100)


def test_a_session_id_is_complete_in_a_terminal_of_80_columns(spent: Home) -> None:
    _head, first, second, *_rest = in_terminal(spent, 80, "cost", "--by", "session")
    assert (first.split()[0], second.split()[0]) == (SESSION, OTHER_SESSION)


def test_a_message_of_no_session_is_a_dash(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, sessionId=None))
    assert home.run("cost", "--by", "session").stdout.splitlines()[1].startswith("–  ")
    assert groups(home, "session") == [("", 1)]


def test_it_works_in_an_ascii_terminal(home: Home, projects: Path) -> None:
    write(projects / SLUG / "a.jsonl", assistant_line(1, model="日本語"))
    ascii_only = home.with_variables(PYTHONIOENCODING="ascii", LC_ALL="C")
    for words in (("cost",), ("cost", "--csv"), ("cost", "--json")):
        result = ascii_only.run(*words)
        assert (result.returncode, result.stderr) == (0, "")
        assert "u65e5" in result.stdout


@pytest.fixture
def counted(spent: Home, projects: Path) -> Home:
    """What was spent, after an exporter has read it together with another profile."""
    write(spent.path / "other" / "projects" / SLUG / "elsewhere.jsonl", assistant_line(77, sessionId="elsewhere"))
    data = spent.path / "data"
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
    with closing(sqlite3.connect(counted.path / "data" / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 999")
    result = counted.run("cost", "--json")
    assert json.loads(result.stdout)["total"] == pytest.approx(TOTAL, rel=1e-12)
    assert "is of another version of hookmeter" in result.stderr
