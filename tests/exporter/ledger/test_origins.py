"""The table of origins: ledgers of older versions keep theirs, with what they did not store left empty."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from exporter.counting.messages import Origin
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS

NARROW = 13  # the last version whose origins have neither branches nor skills


def create_narrow_ledger(data: Path) -> None:
    """A ledger of a version that stored only the model, agent, project and session of messages."""
    data.mkdir()
    with sqlite3.connect(data / FILE_NAME) as connection:
        connection.executescript(";".join(MIGRATIONS[:NARROW]))
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {NARROW}")
        connection.execute("INSERT INTO origins VALUES (3, 'opus', 'main', 'shop', 's'), (5, 'opus', 'a', 'shop', 's')")
        for key, origin in ((1, 3), (2, 5)):
            connection.execute(
                "INSERT INTO messages VALUES (?, ?, 7, 1, 1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0)", (key, origin)
            )
    connection.close()


def test_messages_of_an_older_ledger_keep_their_origins(tmp_path: Path) -> None:
    create_narrow_ledger(tmp_path / "data")
    with open_ledger(tmp_path / "data", 200) as ledger:
        messages = ledger.session_messages("s")
    assert {key: message.origin for key, message in messages.items()} == {
        1: Origin("opus", "main", "shop", "s", branch="", skill="", mcp_server="", speed="", region=""),
        2: Origin("opus", "a", "shop", "s"),
    }
