"""Rows and records: each conversion and its inverse."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
import pytest
from msgspec.structs import astuple

from exporter.counting.messages import CountedMessage, Origin
from exporter.counting.session_count import SessionCount
from exporter.counting.totals import Distribution
from exporter.ledger import migration, queries
from exporter.ledger.file_rows import FileRow
from exporter.ledger.messages import messages
from exporter.ledger.rows import (
    CounterRow,
    DistributionRow,
    MessageRow,
    OpenCallRow,
    SessionRow,
    SpendingRow,
    open_call_rows,
)
from exporter.ledger.seen_rows import SeenRow
from exporter.model.records import Outcome, Usage
from exporter.model.sessions import Session
from exporter.prices.table import Cost
from exporter.sources.closers import ClosingEvent
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.lines import digest
from exporter.sources.open_calls import OpenCall
from exporter.sources.pairing import Pairing
from exporter.sources.positions import Position

SESSION = Session("s", "shop", 1, 2, 3, ended=True, calls=4, open_calls=5, tallies={"claude_prompts": [2, 1]})
EVENTS = [ClosingEvent("Stop", opens=False, time_us=5), ClosingEvent("UserPromptSubmit", True, 6, "a1", "turn")]
ORIGIN = Origin("opus", "main", "shop", "s")
USAGE = Usage(1, 2, 3, 4, 5, 6)
TABLES: dict[str, type[Any]] = {
    "files": FileRow, "counters": CounterRow, "distributions": DistributionRow, "sessions": SessionRow,
    "open_calls": OpenCallRow, "seen": SeenRow, "messages": MessageRow, "spending": SpendingRow,
}  # fmt: skip


def through_sqlite(row: msgspec.Struct) -> Any:
    """The row as SQLite returns it."""
    values = astuple(row)
    with sqlite3.connect(":memory:") as connection:
        found = connection.execute(f"SELECT {', '.join('?' * len(values))}", values).fetchone()
    return type(row)(*found)


@pytest.mark.parametrize(("table", "row"), TABLES.items(), ids=TABLES)
def test_a_row_has_the_columns_of_its_table_in_their_order(table: str, row: type[Any]) -> None:
    with sqlite3.connect(":memory:") as connection:
        migration.migrate(connection)
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    assert list(row.__struct_fields__) == columns


@pytest.mark.parametrize("name", ["events.jsonl", "é.jsonl", "bad\udcff.jsonl"])
def test_a_file_keeps_its_directory_and_name_also_if_they_are_not_printable(name: str) -> None:
    known = KnownFile(LogFile("/logs/bad\udcff", name, 1, 2, 3, 4), Position(5, b"tail"))
    assert through_sqlite(FileRow.of(known)).known_file(known.file.directory) == known


def test_counters_and_distributions_are_kept_with_their_labels() -> None:
    counter = through_sqlite(CounterRow.of(("calls", ('a"b', "ü")), 7))
    assert (counter.key, counter.value) == (("calls", ('a"b', "ü")), 7)
    distribution = through_sqlite(DistributionRow.of(("seconds", ()), Distribution([1, 0, 2], 30)))
    assert (distribution.key, distribution.distribution()) == (("seconds", ()), Distribution([1, 0, 2], 30))


def test_a_session_is_kept() -> None:
    row = through_sqlite(SessionRow.of(SessionCount(SESSION, Pairing(recent=EVENTS))))
    assert (row.session(), row.recent_events()) == (SESSION, EVENTS)


@pytest.mark.parametrize("cost", [Cost(3, 2, 1), Cost(0, 0, 0), None])
def test_a_message_is_kept_with_or_without_a_cost(cost: Cost | None) -> None:
    message = CountedMessage(1, 2, ORIGIN, USAGE, cost, born_us=1, moved=cost is None)
    with sqlite3.connect(":memory:") as connection:
        migration.migrate(connection)
        connection.execute(queries.INSERT_ORIGIN, astuple(ORIGIN))
        connection.execute(queries.UPSERT_MESSAGE, astuple(MessageRow.of(message, 1)))
        connection.execute("INSERT INTO transcript_sessions VALUES (?, '', ?)", (ORIGIN.session, message.born_us))
        assert messages(connection, queries.SELECT_SESSION_MESSAGES, (ORIGIN.session,)) == {message.key: message}


def test_an_open_call_is_kept_with_a_digest_of_its_input() -> None:
    call = OpenCall("Bash", "a1", "Explore", 5, b'{"a":1}', fallback=Outcome.ERROR, error="no", identified=False)
    found = through_sqlite(OpenCallRow.of(SESSION, "key", call)).open_call()
    assert (found.input, found.input_digest) == (b"", digest(call.input))
    assert msgspec.structs.replace(found, input=call.input, input_digest=b"") == call


def test_an_open_call_without_a_start_is_as_old_as_the_last_line_of_its_session() -> None:
    count = SessionCount(SESSION, pairing := SessionCount.new("s").pairing)
    pairing.open["key"] = OpenCall("Bash", "", "main", None)
    pairing.open["other"] = OpenCall("Bash", "", "main", 1)
    assert [row.opened_us for row in open_call_rows(count)] == [SESSION.last_us, 1]
