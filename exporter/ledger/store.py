"""The ledger in SQLite: the one transaction that counts a batch, and what happens to a ledger that is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from itertools import starmap
from operator import attrgetter
from pathlib import Path

import msgspec
from msgspec.structs import astuple

from exporter.counting.batch import Batch
from exporter.counting.messages import Origin
from exporter.counting.session_count import SessionCount
from exporter.counting.spending import Spending
from exporter.ledger import queries
from exporter.ledger.call_history import write_call_hours
from exporter.ledger.code_history import write_code_hours
from exporter.ledger.failures import LedgerDamagedError, LedgerWriteError, is_damage, is_transient, reads
from exporter.ledger.file import LedgerFile
from exporter.ledger.file_rows import FileRow
from exporter.ledger.hours_rebuild import add_missing, files_before, write_baseline
from exporter.ledger.price_lists import note_prices, price_lists
from exporter.ledger.reader import LedgerReader
from exporter.ledger.rows import (
    CostStateRow,
    CounterRow,
    DistributionRow,
    MessageRow,
    Row,
    SessionRow,
    SpendingRow,
    open_call_rows,
)
from exporter.ledger.run_rows import agent_run_rows
from exporter.ledger.seen_rows import SeenRow, merge_rows
from exporter.ledger.session_list import write_session_list
from exporter.ledger.session_records import write_session_facts
from exporter.ledger.state import Change
from exporter.model.bounds import bounded
from exporter.model.sessions import WINDOW_US
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile


class Ledger(LedgerReader):
    """Totals, positions in files, sessions, open calls and messages. One thread at a time may use it."""

    def __init__(self, connection: sqlite3.Connection, label_limit: int, file: LedgerFile | None = None) -> None:
        super().__init__(connection, label_limit)
        self._file = file
        self._found_damage: str | None = None

    def keep_in_place(self) -> bool:
        """Write the ledger again if it was deleted; False if another one is in its place, which is read from now on.

        Raises LedgerError, LedgerWriteError or LedgerDamagedError.
        """
        if self._found_damage:
            raise LedgerDamagedError(self._found_damage)
        if self._file is None or self._file.is_in_place():
            return True
        is_same = self._file.rescue(self._connection)
        self._reopen(self._file)
        return is_same

    def check(self) -> None:
        """Search thoroughly for damage, which takes seconds; any thread may do that. `keep_in_place` raises it."""
        self._found_damage = self._file.damage() if self._file else None

    def start_over(self, reason: str) -> None:
        """Set a damaged ledger aside and continue with a new one. Raises LedgerError or LedgerWriteError."""
        self._found_damage = None
        if self._file:
            self._connection.close()
            self._file.set_aside(reason)
            self._reopen(self._file)

    def commit(self, batch: Batch, now_us: int) -> None:
        """Count a batch and store the positions after it, both or neither.

        Raises LedgerWriteError or LedgerDamagedError, or another error if something in the batch cannot be stored; the
        state is unchanged then.
        """
        change = self.state.change_by(batch)
        try:
            self.state.size_bytes = self._transact(change)
        except sqlite3.Error as error:
            self.state.write_errors += is_transient(error)
            raise self._failure(error) from error
        if change.prices:
            self.state.price_lists = price_lists(self._connection)
        self._seen.add_committed(batch.sessions.values())
        self.state.apply(change, now_us - WINDOW_US)

    def rename_file(self, before: LogFile, known: KnownFile) -> None:
        """Store a file that was read under another name, and perhaps compressed since.

        Raises LedgerWriteError or LedgerDamagedError.
        """
        old, row = FileRow.of(KnownFile(before, known.position)), FileRow.of(known)
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute(queries.RENAME_FILE, (row.name, old.folder, old.name))
                self._write(queries.UPSERT_FILE, (astuple(row),))
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def checkpoint(self) -> None:
        """Have the disk keep all that was committed. Raises LedgerWriteError or LedgerDamagedError."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def dry_run(self, batch: Batch) -> None:
        """Write a batch as `commit` does, and roll it back. Raises the same errors, except those of the COMMIT."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._write_change(self.state.change_by(batch))
        except sqlite3.Error as error:
            raise self._failure(error) from error
        finally:
            self._connection.rollback()

    @property
    def file_path(self) -> Path | None:
        """The file of the ledger; None if it is in memory."""
        return self._file.path if self._file else None

    @reads
    def write_baseline(self, path: Path) -> None:
        """Write to another ledger what this one has counted by now, as its baseline. Raises LedgerDamagedError."""
        write_baseline(self._connection, path)

    @reads
    def files_before(self, directory: str) -> Mapping[str, KnownFile]:
        """The files of a directory as another ledger had read them when it wrote its baseline to this one, by name."""
        return files_before(self._connection, directory)

    def add_missing_hours(self, path: Path) -> None:
        """Take over the hours of calls from another ledger. Raises LedgerWriteError, or an error as `commit` does."""
        try:
            add_missing(self._connection, path)
            self.state.size_bytes = self._number(queries.SELECT_SIZE)
        except sqlite3.Error as error:
            raise self._failure(error) from error
        self.state.hours_are_unread = False
        self.state.changes += 1

    def _failure(self, error: sqlite3.Error) -> Exception:
        """What a failed write shows. No value violates a constraint, unless an index is damaged."""
        found = self._file.damage() if self._file and isinstance(error, sqlite3.IntegrityError) else None
        if found or is_damage(error):
            return LedgerDamagedError(found or str(error))
        if not is_transient(error):
            return error
        return LedgerWriteError(
            f"The ledger could not be written ({error}); nothing is lost, the lines will be read again."
        )

    def _reopen(self, file: LedgerFile) -> None:
        before = self.state
        self._read_from(file.connect())
        self.state.changes, self.state.write_errors = before.changes + 1, before.write_errors

    def _transact(self, change: Change) -> int:
        """Write a change and return the size of the ledger."""
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._write_change(change)
            return self._number(queries.SELECT_SIZE)

    def _write_change(self, change: Change) -> None:
        batch = change.batch
        self._connection.execute(queries.COUNT_COMMIT)
        if batch.past_is_read:
            self._connection.execute(queries.NOTE_PAST_READ)
        if batch.all_is_read:
            self._connection.execute(queries.NOTE_ALL_READ)
        if change.prices:
            note_prices(self._connection, change.prices)
        self._write_totals(change)
        self._write_rows(queries.UPSERT_FILE, map(FileRow.of, batch.read_files))
        self._write_sessions(list(batch.sessions.values()))
        write_session_facts(batch, self._write)
        self._write_spending(batch.spending)
        self._write(queries.INSERT_EVENT, ((key,) for key in batch.events.keys))
        self._write_rows(queries.INSERT_COST_STATE, map(CostStateRow.of, batch.cost_states))
        self._write(queries.SETTLE_COST_STATE, ((key,) for key in batch.settled))
        self._write(queries.UPSERT_FORK, batch.parents.items())
        self._write_rows(queries.UPSERT_PROJECT, batch.projects.values())
        sessions = batch.transcript_sessions.values()
        self._write(queries.INSERT_TRANSCRIPT_SESSION, ((one.session_id, one.project, one.born_us) for one in sessions))
        self._write(queries.INSERT_TRANSCRIPT_FOLDER, ((directory,) for directory in change.transcript_directories))
        write_call_hours(self._connection, batch)
        write_code_hours(self._connection, batch)
        write_session_list(self._connection, batch)

    def _write_totals(self, change: Change) -> None:
        self._write_rows(queries.UPSERT_COUNTER, starmap(CounterRow.of, change.counters.items()))
        self._write_rows(queries.UPSERT_DISTRIBUTION, starmap(DistributionRow.of, change.distributions.items()))
        self._write(queries.INSERT_LABEL_VALUE, change.label_values)

    def _write_sessions(self, counts: list[SessionCount]) -> None:
        self._write_rows(queries.UPSERT_SESSION, map(SessionRow.of, counts))
        self._write(queries.DELETE_OPEN_CALLS, ((count.session.session_id,) for count in counts if count.had_open))
        self._write_rows(queries.INSERT_OPEN_CALL, (row for count in counts for row in open_call_rows(count)))
        self._write(queries.DELETE_RUNS, ((count.session.session_id,) for count in counts if count.had_runs))
        self._write_rows(queries.INSERT_RUN, (row for count in counts for row in agent_run_rows(count)))
        self._write_rows(queries.INSERT_SEEN, (SeenRow.of(count) for count in counts if count.pairing.new_seen))
        merge_rows(self._connection, counts)

    def _write_spending(self, spending: Spending) -> None:
        messages = sorted(spending.messages.values(), key=attrgetter("key"))  # near each other in the table
        changed = dict.fromkeys((*spending.spent, *spending.unpriced))
        ids = self._origin_ids({*(message.origin for message in messages), *(origin for _, origin in changed)})
        self._write_rows(queries.UPSERT_MESSAGE, (MessageRow.of(message, ids[message.origin]) for message in messages))
        spent = (
            SpendingRow(
                slot, ids[origin], bounded(spending.spent[slot, origin]), bounded(spending.unpriced[slot, origin])
            )
            for slot, origin in changed
        )
        self._write_rows(queries.ADD_SPENT, spent)

    def _origin_ids(self, origins: set[Origin]) -> dict[Origin, int]:
        """The id of each origin; new ones are written."""
        self._write_rows(queries.INSERT_ORIGIN, origins)
        return {origin: self._number(queries.SELECT_ORIGIN_ID, astuple(origin)) for origin in origins}

    def _write_rows(self, query: str, rows: Iterable[msgspec.Struct]) -> None:
        self._write(query, map(astuple, rows))

    def _write(self, query: str, rows: Iterable[Row]) -> None:
        self._connection.executemany(query, rows)
