"""Which prices the costs in a ledger were counted by, after prices have changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.prices.table import load_prices
from tests.support.hookmeter_process import Home
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, usage, write

OPUS, UNKNOWN = "claude-opus-4-6", "gpt-5"
LISTED = 0.000_05 + 0.025  # of 10 tokens in and 1,000 out
OWN = {"models": {OPUS: {"input": 100, "output": 100}, UNKNOWN: {"input": 1_000, "output": 1_000}}}
OWN_COST, UNKNOWN_COST = 1_010 * 100e-6, 1_010 * 1_000e-6


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "prices.json").write_text(json.dumps(OWN))
    return Home(tmp_path)


def message(home: Home, number: int, model: str = OPUS) -> None:
    path = home.path / ".claude" / "projects" / SLUG / f"{SESSION}.jsonl"
    write(path, assistant_line(number, usage(10, 1_000), second=number, model=model))


def count(home: Home, own: Path | None = None) -> None:
    """Count what is new by list prices, or by those of a file."""
    with open_ledger(home.data, 200) as ledger:
        Meter(
            [], ledger, transcript_roots=[str(home.path / ".claude" / "projects")], prices=load_prices(own)
        ).catch_up()


def report(home: Home, *words: str) -> dict[str, Any]:
    result = home.run("cost", "--json", *words)
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def costs(home: Home, *words: str) -> dict[str, float | None]:
    return {row["model"]: row["cost_usd"] for row in report(home, *words)["rows"]}


def counted_by(home: Home, *words: str) -> list[tuple[list[str], bool]]:
    return [(each["sources"], each["still_hold"]) for each in report(home, *words)["prices"]["counted_by"]]


def test_messages_keep_the_cost_of_the_prices_that_held_when_they_were_counted(home: Home) -> None:
    message(home, 1)
    count(home)
    message(home, 2)
    assert costs(home, "--prices", "prices.json") == {OPUS: pytest.approx(LISTED + OWN_COST)}
    count(home, home.path / "prices.json")
    message(home, 3)
    assert costs(home, "--prices", "prices.json") == {OPUS: pytest.approx(LISTED + 2 * OWN_COST)}
    assert costs(home) == {OPUS: pytest.approx(2 * LISTED + OWN_COST)}


def test_what_had_no_price_when_it_was_counted_has_the_one_that_it_has_now(home: Home) -> None:
    message(home, 1, UNKNOWN)
    count(home)
    assert costs(home) == {UNKNOWN: None}
    assert report(home)["total"]["unpriced_tokens"] == 1_010
    assert costs(home, "--prices", "prices.json") == {UNKNOWN: pytest.approx(UNKNOWN_COST)}
    assert report(home, "--prices", "prices.json")["total"]["unpriced_tokens"] == 0


def test_prices_are_noted_with_the_first_message_that_they_price(home: Home) -> None:
    own, (listed,) = home.path / "prices.json", load_prices().sources
    for number, prices in enumerate((None, None, own, None)):
        message(home, number)
        count(home, prices)
    mine = [f"your own in {own}", listed]
    assert counted_by(home) == [([listed], True), (mine, False), ([listed], True)]
    assert counted_by(home, "--prices", str(own)) == [([listed], False), (mine, True), ([listed], False)]


def test_the_same_prices_in_another_file_are_the_same(home: Home) -> None:
    message(home, 1)
    count(home, home.path / "prices.json")
    (home.path / "prices.json").rename(home.path / "moved.json")
    assert [holds for _, holds in counted_by(home, "--prices", "moved.json")] == [True]
    (home.path / "moved.json").write_text(json.dumps({**OWN, "multiplier": 0.5}))
    assert [holds for _, holds in counted_by(home, "--prices", "moved.json")] == [False]


def test_cost_and_doctor_report_other_prices(home: Home) -> None:
    message(home, 1)
    count(home)
    assert "other prices" not in home.run("cost").stdout
    assert "other prices" not in home.run("doctor").stdout
    lines = home.run("cost", "--prices", "prices.json").stdout.splitlines()
    assert lines[-2].startswith("Prices: your own in prices.json; list prices of ")
    assert lines[-1].startswith(
        "The ledger has costs by other prices, each message by those of when it was counted: since 20"
    )
    shown = " ".join(home.run("doctor", "--prices", "prices.json").stdout.split())
    assert "the ledger has costs by other prices, last since 20" in shown
    assert "takes over new prices when it restarts" in shown
