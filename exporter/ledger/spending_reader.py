"""The part of the ledger that a report on costs reads: messages, and the transcripts that they are in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path

import msgspec

from exporter.counting.messages import CountedMessage
from exporter.ledger import queries
from exporter.ledger.failures import reads
from exporter.ledger.file_rows import FileRow
from exporter.ledger.messages import messages
from exporter.ledger.price_lists import PricesSince, price_lists
from exporter.ledger.read_only import read_only_connection
from exporter.model.cost_states import CostState
from exporter.model.sessions import TranscriptSession
from exporter.model.text import path_text
from exporter.sources.known_files import KnownFile
from exporter.sources.named_transcripts import is_project_directory

COST_STATE_DECODER = msgspec.json.Decoder(CostState)


class SpendingReader:
    """Reads messages, and what decides whose they are. All reads raise LedgerDamagedError."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @reads
    def messages_since(self, since_us: int) -> dict[int, CountedMessage]:
        """All messages since a time, and all of the sessions that a cost-state since then includes, by key."""
        return messages(self._connection, queries.SELECT_MESSAGES_SINCE, (since_us, since_us))

    @reads
    def cost_states_since(self, since_us: int) -> list[CostState]:
        """The cost-states since a time, with the earlier ones of the same processes, in the order of reading."""
        rows = self._connection.execute(queries.SELECT_COST_STATES_SINCE, (since_us,))
        return [COST_STATE_DECODER.decode(text) for (text,) in rows]

    @reads
    def cost_states(self, started_us: int) -> list[CostState]:
        """The cost-states of a session and its forks, which share its start, in the order of their lines."""
        rows = self._connection.execute(queries.SELECT_COST_STATES, (started_us,))
        return [COST_STATE_DECODER.decode(state) for (state,) in rows]

    @reads
    def all_parents(self) -> dict[str, str]:
        """The session that each fork was copied from."""
        return dict(self._connection.execute(queries.SELECT_ALL_PARENTS))

    @reads
    def file_names(self) -> list[tuple[str, str]]:
        """Directory and name of every file that was ever read."""
        return self._connection.execute(queries.SELECT_FILE_NAMES).fetchall()

    @reads
    def transcript_sessions(self, session_ids: Iterable[str]) -> dict[str, TranscriptSession]:
        """Those of some sessions of transcripts that were decided before, by id."""
        rows = self._connection.execute(queries.SELECT_TRANSCRIPT_SESSIONS, (json.dumps(list(session_ids)),))
        return {row[0]: TranscriptSession(*row) for row in rows}

    @reads
    def known_files(self, directory: str) -> dict[str, KnownFile]:
        """All files of a directory that were ever read, by name; one that reappears is continued where it was."""
        rows = self._connection.execute(queries.SELECT_FILES, (path_text(directory),))
        files = (row.known_file(directory) for row in starmap(FileRow, rows))
        return {known.file.name: known for known in files}

    @reads
    def known_files_of(self, directories: Iterable[str]) -> dict[str, dict[str, KnownFile]]:
        """Likewise of several directories, each of which has an entry."""
        found: dict[str, dict[str, KnownFile]] = {directory: {} for directory in directories}
        names = {path_text(directory): directory for directory in found}
        for row in starmap(FileRow, self._connection.execute(queries.SELECT_FILES_OF, (json.dumps(list(names)),))):
            directory = names[row.folder]
            known = row.known_file(directory)
            found[directory][known.file.name] = known
        return found

    @reads
    def labels(self) -> dict[str, str]:
        """The labels of projects, by path."""
        rows = self._connection.execute(queries.SELECT_PROJECTS)
        return {path: label for path, label, *_ in rows if path and label}

    @reads
    def transcript_directories(self) -> set[str]:
        """The directories of projects that transcripts were read in, or hooks have named."""
        return set(filter(is_project_directory, self._column(queries.SELECT_TRANSCRIPT_FOLDERS)))

    @reads
    def price_lists(self) -> list[PricesSince]:
        """All prices by which costs were counted, the oldest first."""
        return price_lists(self._connection)

    def _number(self, query: str, parameters: tuple[object, ...] = ()) -> int:
        [(number,)] = self._connection.execute(query, parameters)
        return int(number)

    def _column(self, query: str, parameters: tuple[object, ...] = ()) -> list[str]:
        return [value for (value,) in self._connection.execute(query, parameters)]


@contextmanager
def read_spending(data_dir: Path) -> Iterator[SpendingReader | None]:
    """The messages in the ledger in a data directory; None if there is none. Raises LedgerError."""
    with read_only_connection(data_dir) as connection:
        yield SpendingReader(connection) if connection else None
