"""The part of the ledger that a list of sessions reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.ledger import queries
from exporter.ledger.failures import reads
from exporter.ledger.read_only import read_only_connection
from exporter.ledger.session_pages import SessionPages
from exporter.ledger.spending_reader import SpendingReader
from exporter.model.listed_session import Listed


class SessionListReader(SpendingReader):
    """Reads the list of sessions, and what is still to be counted of it. All reads raise LedgerDamagedError."""

    @reads
    def session_pages(self, changed: Iterable[Listed] = ()) -> SessionPages:
        """The list of sessions, with some as they are now; its connection is that of the ledger."""
        return SessionPages(self._connection, changed)

    @reads
    def unsettled_starts(self, before_us: int) -> list[int]:
        """The starts of sessions with cost-states up to a time that are not settled."""
        return [started_us for (started_us,) in self._connection.execute(queries.SELECT_UNSETTLED_STARTS, (before_us,))]

    @reads
    def unpriced_sessions(self, since_us: int, also: Collection[str] = ()) -> list[tuple[str, str]]:
        """The sessions since a time, and some more, with a model whose messages had no known price when counted."""
        return self._connection.execute(queries.SELECT_UNPRICED, (since_us, json.dumps([*also]))).fetchall()

    @reads
    def past_is_unread(self) -> bool:
        """Whether transcripts that an older version has read are still to be read again."""
        return bool(self._number(queries.SELECT_PAST_IS_UNREAD))

    @reads
    def unlabelled_projects(self) -> int:
        """The number of projects that have no label yet."""
        return self._number(queries.COUNT_UNLABELLED)


@contextmanager
def read_session_list(data_dir: Path) -> Iterator[SessionListReader | None]:
    """The list of sessions in the ledger in a data directory; None if there is none. Raises LedgerError."""
    with read_only_connection(data_dir) as connection:
        yield SessionListReader(connection) if connection else None
