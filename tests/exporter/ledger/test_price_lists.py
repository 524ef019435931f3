"""The prices in ledgers of older versions, which did not store them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS

EARLIER = ("those of an earlier version of hookmeter",)
WITHOUT_PRICES = next(number for number, script in enumerate(MIGRATIONS) if "price_lists" in script)


@pytest.mark.parametrize("has_messages", [True, False])
def test_costs_of_an_older_ledger_are_by_prices_of_an_earlier_version(tmp_path: Path, *, has_messages: bool) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.executescript(";".join(MIGRATIONS[:WITHOUT_PRICES]))
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {WITHOUT_PRICES}")
        if has_messages:
            connection.execute("INSERT INTO messages VALUES (1, 3, 7, 1, 1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0)")
    connection.close()
    with open_ledger(tmp_path, 200) as ledger:
        assert [each.prices.sources for each in ledger.state.price_lists] == ([EARLIER] if has_messages else [])
        assert ledger.state.price_digest == ""
