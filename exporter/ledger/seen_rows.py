"""The rows of `seen`: new keys are appended as a row; small rows are merged, so that there are never many of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import takewhile

import msgspec

from exporter.counting.session_count import SessionCount
from exporter.ledger import queries

MAX_SEEN_ROWS = 32
LARGE_ROW = 1 << 16  # characters; a larger row is written once


class SeenRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `seen`: keys of lines that were counted, one per text line."""

    session_id: str
    keys: str

    @classmethod
    def of(cls, count: SessionCount) -> SeenRow:
        """The row of the new keys of a session."""
        return cls(count.session.session_id, "\n".join(count.pairing.new_seen))


def small_rows(texts: Sequence[str]) -> int:
    """The number of rows after the last large one."""
    return sum(1 for _ in takewhile(_is_small, reversed(texts)))


def merge_rows(connection: sqlite3.Connection, counts: Iterable[SessionCount]) -> None:
    """Merge the last small rows of sessions that have many of them, after a new one was written."""
    for count in counts:
        if count.seen_rows > MAX_SEEN_ROWS and count.pairing.new_seen:
            _merge(connection, count.session.session_id)


def _merge(connection: sqlite3.Connection, session_id: str) -> None:
    last = connection.execute(queries.SELECT_LAST_SEEN, (session_id, 2 * MAX_SEEN_ROWS)).fetchall()
    small = list(takewhile(lambda row: _is_small(row[1]), last))
    connection.executemany(queries.DELETE_SEEN, ((number,) for number, _ in small))
    if small:
        connection.execute(queries.INSERT_SEEN, (session_id, "\n".join(keys for _, keys in reversed(small))))


def _is_small(keys: str) -> bool:
    return len(keys) < LARGE_ROW
