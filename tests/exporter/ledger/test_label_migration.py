"""Labels that an older version stored with characters that no label has now."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from exporter.counting.catalog import SUBAGENT_DURATION, SUBAGENTS_STARTED
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.schema import APPLICATION_ID, MIGRATIONS
from exporter.ledger.schema_functions import add_functions

BEFORE = next(number for number, script in enumerate(MIGRATIONS) if "printable_labels" in script)
RAW, CLEAN = "a\x1b\u202eb", "a  b"
BUCKETS = len(SUBAGENT_DURATION.bounds) + 1


def test_totals_under_unprintable_labels_are_added_to_those_under_the_printable_ones(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        add_functions(connection)
        connection.executescript(";".join(MIGRATIONS[:BEFORE]))
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {BEFORE}")
        for agent, times in ((RAW, 3), (CLEAN, 4), ("a\x1bb", 5), ("main", 6)):
            labels = json.dumps([agent])
            connection.execute("INSERT INTO counters VALUES (?, ?, ?)", (SUBAGENTS_STARTED.name, labels, times))
            counts = json.dumps([times] * BUCKETS)
            connection.execute(
                "INSERT INTO distributions VALUES (?, ?, ?, 7)", (SUBAGENT_DURATION.name, labels, counts)
            )
            connection.execute("INSERT INTO label_values VALUES ('agent', ?)", (agent,))
    connection.close()
    for _ in range(2):  # the second time, nothing is migrated
        with open_ledger(tmp_path, 200) as ledger:
            totals = ledger.state.totals
            assert {labels: value for (_, labels), value in totals.counters.items()} == {
                (CLEAN,): 7, ("a b",): 5, ("main",): 6
            }  # fmt: skip
            found = {labels: (each.counts, each.sum) for (_, labels), each in totals.distributions.items()}
            assert found[CLEAN,] == ([7] * BUCKETS, 14)
            assert found["a b",] == ([5] * BUCKETS, 7)
            assert totals.label_values == {"agent": {CLEAN, "a b", "main"}}
