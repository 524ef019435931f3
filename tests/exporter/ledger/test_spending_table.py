"""The table of spending: by origin, also in ledgers of versions that had it by time only."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from exporter.counting.messages import SLOT_US
from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS
from exporter.model.money import PICODOLLARS
from tests.exporter.ledger.older_ledger import turn_into, version_before
from tests.support.partly_priced import COSTS, EACH, PRICED, TOKENS, count, write_sessions
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, write


def create_ledger_of_version_2(data: Path) -> None:
    """A ledger with two messages of two models, and one without a known price."""
    data.mkdir()
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.executescript(";".join(MIGRATIONS[:2]))
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 2")
        for key, model, cost in ((1, "opus", 30), (2, "haiku", 12), (3, "unknown", None)):
            connection.execute("INSERT INTO origins VALUES (?, ?, 'main', 'shop', 's')", (key, model))
            connection.execute(
                "INSERT INTO messages VALUES (?, ?, ?, 1, 1, 0, 0, 0, 0, ?, 0, 0)",
                (key, key, 7 * SLOT_US + key, cost),
            )
        connection.execute("INSERT INTO spent VALUES (7, 42)")
    connection.close()


def test_an_older_ledger_keeps_its_spending_with_origins(tmp_path: Path) -> None:
    create_ledger_of_version_2(tmp_path / "data")
    with open_ledger(tmp_path / "data", 200) as ledger:
        ledger.load_spent(0)
        assert ledger.state.spent == {7: 42}
        assert ledger.spent_by_model_and_project(0) == {(7, "opus", "shop"): 30, (7, "haiku", "shop"): 12}
        assert ledger.spent_by_model_and_project(8) == {}
        assert len(ledger.session_messages("s")) == 3


def test_spending_by_model_and_by_session_adds_up_to_spending_by_time(tmp_path: Path) -> None:
    transcript = tmp_path / "projects" / SLUG / f"{SESSION}.jsonl"
    for number in range(30):
        write(
            transcript,
            assistant_line(number, second=number * 1000, model=("claude-opus-4-6", "claude-haiku-4-5")[number % 2]),
        )
    with open_ledger(tmp_path / "data", 200) as ledger:
        Meter([], ledger, transcript_roots=[str(tmp_path / "projects")]).catch_up()
        ledger.load_spent(0)
        spent = sum(ledger.state.spent.values())
        assert spent > 0
        assert (
            sum(ledger.spent_by_model_and_project(0).values())
            == sum(cost or 0 for cost, _ in ledger.costs_of_sessions(0).values())
            == spent
        )
        models = {model for _, model, _ in ledger.spent_by_model_and_project(0)}
        assert models == {
            "claude-opus-4-6",
            "claude-haiku-4-5",
        }


def test_a_ledger_of_an_older_version_has_what_its_costs_lack(tmp_path: Path) -> None:
    write_sessions(tmp_path / "projects")
    count(tmp_path / "data", tmp_path / "projects")
    with open_ledger(tmp_path / "data", 200) as ledger:
        lacking = ledger.unpriced_by_model_and_project(0)
        listed, used = ledger.listed_rows(COSTS), ledger.usage_of(COSTS)
    assert sum(lacking.values()) == 2 * TOKENS
    turn_into(tmp_path / "data", version_before("unpriced_tokens"))
    with open_ledger(tmp_path / "data", 200) as ledger:
        assert ledger.unpriced_by_model_and_project(0) == lacking
        assert ledger.usage_of(COSTS) == used
        assert ledger.listed_rows(COSTS) == listed
        assert sum(ledger.spent_by_model_and_project(0).values()) == round(2 * EACH * PICODOLLARS)
        assert {model for _, model, _ in ledger.spent_by_model_and_project(0)} == {PRICED}
