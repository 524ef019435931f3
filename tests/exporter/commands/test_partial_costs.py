"""Costs that lack something say so in every command: of sessions some of whose models have no known price."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.exporter.commands.test_statusline_command import statusline
from tests.exporter.hooks.spent import NOON
from tests.support.hookmeter_process import Home
from tests.support.partly_priced import (
    COMPLETE,
    COSTS,
    EACH,
    MIXED,
    OWN_EACH,
    PRICED,
    TOKENS,
    UNKNOWN,
    UNPRICED,
    count,
    own_prices,
    write_sessions,
)
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, cost_state_line, usage, write

NOTE = "3,000 tokens are of models without a known price: their cost is not in {}. Set a price with --prices."


@pytest.fixture(params=["read", "counted"])
def mixed(request: pytest.FixtureRequest, home: Home, projects: Path) -> Home:
    """The sessions, without a ledger and in one."""
    write_sessions(projects)
    if request.param == "counted":
        count(home.data, projects)
    return home.with_variables(TZ=NOON)


def asked(home: Home, *words: str | Path) -> Any:
    return json.loads(home.run(*words).stdout)


def costs(home: Home, *words: str | Path) -> dict[str, tuple[float | None, int]]:
    listed = asked(home, "sessions", "--json", *words)
    return {one["session_uuid"]: (one["cost_usd"], one["unpriced_tokens"]) for one in listed}


def test_sessions_have_the_costs_of_the_cost_report_and_what_these_lack(mixed: Home) -> None:
    assert costs(mixed) == COSTS
    rows = asked(mixed, "cost", "--by", "session", "--json")["rows"]
    assert {row["session"]: (row["cost_usd"], row["unpriced_tokens"]) for row in rows} == COSTS


def test_a_list_marks_incomplete_costs_and_explains_the_mark(mixed: Home) -> None:
    *lines, note = mixed.run("sessions").stdout.splitlines()
    shown = {line.split()[0]: line.split()[-1] for line in lines[1:]}
    assert shown == {MIXED: "$0.0035+", COMPLETE: "$0.0035", UNKNOWN: "unknown"}
    assert note == NOTE.format("these costs")


def test_a_session_says_what_its_cost_lacks_in_each_format(mixed: Home) -> None:
    first, *others = mixed.run("sessions", MIXED).stdout.splitlines()
    assert first.endswith("cost $0.0035+")
    assert "without a price: 1,500 tokens, which the cost does not include" in others
    assert asked(mixed, "sessions", MIXED, "--json")["summary"]["unpriced_tokens"] == TOKENS
    rows = csv.DictReader(io.StringIO(mixed.run("sessions", MIXED, "--csv").stdout))
    assert [(row["cost_usd"], row["total_usd"], row["total_unpriced_tokens"]) for row in rows] == [
        ("0.0035", "0.0035", "0"), ("", "0.0035", "1500"),
    ]  # fmt: skip
    text = mixed.run("sessions", MIXED, "--markdown").stdout
    assert "- Cost: `$0.0035, without that of 1,500 tokens of models without a known price`" in text
    assert "without" not in mixed.run("sessions", COMPLETE, "--markdown").stdout


def test_a_digest_says_what_its_costs_lack(mixed: Home) -> None:
    found = asked(mixed, "digest", "--format", "json")
    both = {"now": 2 * EACH, "before": 0.0, "unpriced_tokens": 2 * TOKENS, "unpriced_tokens_before": 0}
    assert found["cost_usd"] == both
    assert found["projects"] == [{"name": "shop", **both}]
    assert [(one["name"], one["now"], one["unpriced_tokens"]) for one in found["models"]] == [
        (PRICED, 2 * EACH, 0), (UNPRICED, None, 2 * TOKENS),
    ]  # fmt: skip
    longest = {one["session_uuid"]: (one["cost_usd"], one["unpriced_tokens"]) for one in found["longest_sessions"]}
    assert longest == COSTS
    text = mixed.run("digest").stdout
    assert text.splitlines()[1].startswith("$0.0070+ (before: $0.00) · ")
    assert NOTE.format("these costs") in text
    assert mixed.run("digest", "--format", "markdown").stdout.count("$0.0070+") == text.count("$0.0070+") == 5


def test_quotas_budgets_and_the_status_line_say_what_they_lack(mixed: Home) -> None:
    found = asked(mixed, "quota", "--json")
    amounts = [(one["spent_usd"], one["unpriced_tokens"]) for one in (*found["periods"], found["estimated"])]
    assert amounts == [(2 * EACH, 2 * TOKENS)] * 3
    assert (found["spent_last_hour_usd"], found["unpriced_tokens_last_hour"]) == (2 * EACH, 2 * TOKENS)
    text = mixed.run("quota").stdout
    assert "The last hour cost $0.0070+." in text
    assert NOTE.format("these amounts") in text
    if mixed.data.exists():
        assert statusline(mixed, "{}") == "≥ $0.0070 today · ≥ $0.0070/h\n"


def test_the_active_block_says_what_it_lacks(mixed: Home) -> None:
    found = asked(mixed, "cost", "--by", "block", "--json")["active_block"]
    assert (found["cost_usd"], found["unpriced_tokens"]) == (2 * EACH, 2 * TOKENS)
    assert "$0.0070+ so far" in mixed.run("cost", "--by", "block").stdout


def test_what_is_without_any_price_stays_unknown(home: Home, projects: Path) -> None:
    write_sessions(projects)
    for session in (MIXED, COMPLETE):
        (transcript,) = projects.glob(f"*/{session}.jsonl")
        transcript.unlink()
    count(home.data, projects)
    here = home.with_variables(TZ=NOON)
    found = asked(here, "quota", "--json")
    assert [one["spent_usd"] for one in found["periods"]] == [None, None]
    assert (found["estimated"]["spent_usd"], found["spent_last_hour_usd"]) == (None, None)
    assert asked(here, "digest", "--format", "json")["cost_usd"]["now"] is None
    assert asked(here, "cost", "--by", "block", "--json")["active_block"]["cost_usd"] is None
    assert statusline(here, "{}") == "cost unknown today\n"


def test_a_price_that_is_set_later_completes_every_cost(mixed: Home) -> None:
    own = own_prices(mixed.path)
    completed = {MIXED: (EACH + OWN_EACH, 0), COMPLETE: (EACH, 0), UNKNOWN: (OWN_EACH, 0)}
    assert costs(mixed, "--prices", own) == completed
    *_, last = mixed.run("sessions", "--prices", own).stdout.splitlines()
    assert last.endswith("$0.0035")
    rows = asked(mixed, "cost", "--by", "session", "--json", "--prices", own)["rows"]
    assert {row["session"]: (row["cost_usd"], row["unpriced_tokens"]) for row in rows} == completed
    exported = asked(mixed, "sessions", MIXED, "--json", "--prices", own)
    assert exported["summary"]["cost_usd"] == EACH + OWN_EACH
    assert [one["cost_usd"] for one in exported["requests"]] == [EACH, OWN_EACH]


def test_savings_and_what_is_not_itemized_say_what_they_lack(home: Home, projects: Path) -> None:
    used = {PRICED: usage(3_000, 100, read=50_000), UNPRICED: usage(7, 8, read=9, five=10)}
    write(
        projects / SLUG / f"{SESSION}.jsonl",
        assistant_line(1, usage(1_000, 100), model=PRICED),
        cost_state_line(60_000, used),
    )
    row = asked(home, "cost", "--json")["total"]
    assert (row["unpriced_cache_tokens"], row["unpriced_not_itemized_tokens"]) == (19, 34)
    total, *notes = home.run("cost").stdout.splitlines()[-3:]
    assert total.split()[-2:] == ["$0.0450+", "$0.0085+"]
    assert notes[0].startswith("$0.0070+ of the total is not itemized")
