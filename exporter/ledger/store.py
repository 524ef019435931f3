"""The ledger in SQLite: what a reader needs from it, and the one transaction that counts a batch."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import starmap

import msgspec
from msgspec.structs import astuple

from exporter.counting.batch import Batch
from exporter.counting.catalog import METRICS
from exporter.counting.project_names import KnownProject
from exporter.counting.rules import SessionCount
from exporter.counting.spending import CountedMessage, Origin, Spending
from exporter.counting.totals import Totals
from exporter.ledger import queries
from exporter.ledger.messages import messages_of
from exporter.ledger.price_lists import note_prices, price_lists
from exporter.ledger.rows import (
    CostStateRow,
    CounterRow,
    DistributionRow,
    FileRow,
    MessageRow,
    Row,
    SessionRow,
    SpendingRow,
    open_call_rows,
    storable,
)
from exporter.ledger.run_rows import agent_run_rows
from exporter.ledger.seen_keys import SeenCache
from exporter.ledger.seen_rows import SeenRow, merge_rows
from exporter.ledger.session_reading import load_session, running_by_session
from exporter.ledger.session_records import SessionRecords, write_session_facts
from exporter.ledger.state import Change, LedgerState
from exporter.model.sessions import WINDOW_US, TranscriptSession
from exporter.model.text import path_text
from exporter.sources.cost_states import CostState
from exporter.sources.known_files import KnownFile
from exporter.sources.named_transcripts import is_project_directory
from exporter.sources.pairing import Pairing

log = logging.getLogger(__name__)
COST_STATE_DECODER = msgspec.json.Decoder(CostState)


class LedgerWriteError(Exception):
    """A batch could not be written; nothing of it was counted, and its lines will be read again."""


class Ledger:
    """Totals, positions in files, sessions, open calls and messages; `state` is what is held of them in memory.

    `records` reads sessions of any age. One thread at a time may use it.
    """

    def __init__(self, connection: sqlite3.Connection, label_limit: int) -> None:
        self._connection = connection
        self.records = SessionRecords(connection)
        self._stores_any_value = False
        self._seen = SeenCache()
        self.state = LedgerState(
            totals=self._totals(label_limit),
            created_seconds=self._number(queries.SELECT_CREATED),
            past_is_unread=bool(self._number(queries.SELECT_PAST_IS_UNREAD)),
            size_bytes=self._number(queries.SELECT_SIZE),
            files=self._number(queries.COUNT_FILES),
            open_tools=running_by_session(connection, queries.SELECT_RUNNING_TOOLS),
            running_agents=running_by_session(connection, queries.SELECT_RUNNING_AGENTS),
            projects={row[0]: KnownProject(*row) for row in connection.execute(queries.SELECT_PROJECTS)},
            price_lists=price_lists(connection),
            transcript_directories=set(filter(is_project_directory, self._column(queries.SELECT_TRANSCRIPT_FOLDERS))),
        )

    def load_recent_sessions(self, now_us: int) -> None:
        """Load the sessions of the last 24 hours into the state."""
        rows = self._connection.execute(queries.SELECT_SESSIONS_SINCE, (now_us - WINDOW_US,))
        self.state.sessions = {row.session_id: row.session() for row in starmap(SessionRow, rows)}

    def load_spent(self, since_slot: int) -> None:
        """Load what was spent since a slot into the state."""
        self.state.spent = Counter(dict(self._connection.execute(queries.SELECT_SPENT_SINCE, (since_slot,))))

    def spent_by_model_and_project(self, since_slot: int) -> Counter[tuple[int, str, str]]:
        """Picodollars spent since a slot, by slot, model and project."""
        rows = self._connection.execute(queries.SELECT_SPENT_BY_MODEL_AND_PROJECT, (since_slot,))
        return Counter({(slot, model, project): cost for slot, model, project, cost in rows})

    def spent_by_session(self, since_slot: int) -> Counter[str]:
        """Picodollars spent since a slot, by session."""
        return Counter(dict(self._connection.execute(queries.SELECT_SPENT_BY_SESSION, (since_slot,))))

    def session_messages(self, session_id: str) -> dict[int, CountedMessage]:
        """All counted messages of a session, by key."""
        return messages_of(self._connection.execute(queries.SELECT_SESSION_MESSAGES, (session_id,)))

    def messages_since(self, since_us: int) -> dict[int, CountedMessage]:
        """All messages since a time, and all of the sessions that a cost-state since then includes, by key."""
        return messages_of(self._connection.execute(queries.SELECT_MESSAGES_SINCE, (since_us, since_us)))

    def cost_states_since(self, since_us: int) -> list[CostState]:
        """The cost-states since a time, with the earlier ones of the same processes, in the order of reading."""
        rows = self._connection.execute(queries.SELECT_COST_STATES_SINCE, (since_us,))
        return [COST_STATE_DECODER.decode(text) for (text,) in rows]

    def all_parents(self) -> dict[str, str]:
        """The session that each fork was copied from."""
        return dict(self._connection.execute(queries.SELECT_ALL_PARENTS))

    def file_names(self) -> list[tuple[str, str]]:
        """Directory and name of every file that was ever read."""
        return self._connection.execute(queries.SELECT_FILE_NAMES).fetchall()

    def unsettled_starts(self, before_us: int) -> list[int]:
        """The starts of sessions with cost-states up to a time that are not settled."""
        return [started_us for (started_us,) in self._connection.execute(queries.SELECT_UNSETTLED_STARTS, (before_us,))]

    def cost_states(self, started_us: int) -> list[CostState]:
        """The cost-states of a session and its forks, which share its start, in the order of their lines."""
        rows = self._connection.execute(queries.SELECT_COST_STATES, (started_us,))
        return [COST_STATE_DECODER.decode(state) for (state,) in rows]

    def parents(self, sessions: Iterable[str]) -> dict[str, str]:
        """The parents of those of some sessions that are forks; empty if unknown."""
        return dict(self._connection.execute(queries.SELECT_PARENTS, (json.dumps(list(sessions)),)))

    def counted_messages(self, keys: Iterable[int]) -> dict[int, CountedMessage]:
        """Those of some messages that are counted already, by key."""
        return messages_of(self._connection.execute(queries.SELECT_MESSAGES, (json.dumps(list(keys)),)))

    def counted_events(self, keys: Collection[int]) -> set[int]:
        """Those of some keys of events that are counted already."""
        if not keys:
            return set()
        return {key for (key,) in self._connection.execute(queries.SELECT_EVENTS, (json.dumps(list(keys)),))}

    def labels(self) -> dict[str, str]:
        """The labels of projects, by path."""
        return {path: project.label for path, project in self.state.projects.items() if path and project.label}

    def transcript_sessions(self, session_ids: Iterable[str]) -> dict[str, TranscriptSession]:
        """Those of some sessions of transcripts that were decided before, by id."""
        rows = self._connection.execute(queries.SELECT_TRANSCRIPT_SESSIONS, (json.dumps(list(session_ids)),))
        return {row[0]: TranscriptSession(*row) for row in rows}

    def known_files(self, directory: str) -> dict[str, KnownFile]:
        """All files of a directory that were ever read, by name; one that reappears is continued where it was."""
        rows = self._connection.execute(queries.SELECT_FILES, (path_text(directory),))
        files = (row.known_file(directory) for row in starmap(FileRow, rows))
        return {known.file.name: known for known in files}

    def load_session(self, session_id: str) -> SessionCount:
        """A session as it was counted so far, to count more of it."""
        return load_session(self._connection, session_id, self._seen)

    def expired_calls(self, before_us: int) -> dict[str, set[str]]:
        """The keys of calls that started before a time and are still open, by session."""
        expired: dict[str, set[str]] = {}
        for session_id, key in self._connection.execute(queries.SELECT_EXPIRED, (before_us,)):
            expired.setdefault(session_id, set()).add(key)
        return expired

    def silent_work(self, before_us: int) -> list[str]:
        """The sessions without a line since a time that have open runs of sub-agents, or commands in the background."""
        return self._column(queries.SELECT_SILENT_WORK, (before_us,))

    def unsettled_sessions(self, before_us: int) -> list[str]:
        """The sessions with calls or runs that presumably ended before a time."""
        return self._column(queries.SELECT_UNSETTLED, (before_us,))

    def awaiting_project(self, before_us: int) -> list[str]:
        """The sessions that started before a time, and whose project no line has named."""
        return self._column(queries.SELECT_AWAITING_PROJECT, (before_us,))

    def ended_transcripts(self, before_us: int) -> list[str]:
        """The sessions whose transcripts ended before a time, and whose runs were not counted."""
        return self._column(queries.SELECT_ENDED_TRANSCRIPTS, (before_us,))

    def silent_runs(self, before_us: int, limit: int) -> list[SessionCount]:
        """Up to `limit` sessions with no end and no line since a time.

        Their open calls are left out: all of them have expired.
        """
        found = self._connection.execute(queries.SELECT_SILENT_RUNS, (before_us,)).fetchmany(limit)
        rows = (self._connection.execute(queries.SELECT_SESSION, session_id).fetchone() for session_id in found)
        return [SessionCount(SessionRow(*row).session(), Pairing()) for row in rows]

    def commit(self, batch: Batch, now_us: int) -> None:
        """Count a batch and store the positions after it, both or neither.

        Raises LedgerWriteError, with the state unchanged.
        """
        change = self.state.change_by(batch)
        try:
            self.state.size_bytes = self._transact(change)
        except sqlite3.Error as error:
            self.state.write_errors += 1
            raise LedgerWriteError(
                f"The ledger could not be written ({error}); nothing is lost, the lines will be read again."
            ) from error
        if change.prices:
            self.state.price_lists = price_lists(self._connection)
        self._seen.add_committed(batch.sessions.values())
        self.state.apply(change, now_us - WINDOW_US)

    def _transact(self, change: Change) -> int:
        """Write a change and return the size of the ledger. One value that SQLite cannot store holds up no other."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._write_change(change)
                return self._number(queries.SELECT_SIZE)
        except (OverflowError, UnicodeEncodeError) as error:
            if self._stores_any_value:
                raise
            log.warning("A value is beyond what the ledger can store (%s); it is stored as far as possible.", error)
            self._stores_any_value = True
            try:
                return self._transact(change)
            finally:
                self._stores_any_value = False

    def _write_change(self, change: Change) -> None:
        batch = change.batch
        if batch.past_is_read:
            self._connection.execute(queries.NOTE_PAST_READ)
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
        messages = spending.messages.values()
        ids = self._origin_ids({*(message.origin for message in messages), *(origin for _, origin in spending.spent)})
        self._write_rows(queries.UPSERT_MESSAGE, (MessageRow.of(message, ids[message.origin]) for message in messages))
        spent = (SpendingRow(slot, ids[origin], cost) for (slot, origin), cost in spending.spent.items())
        self._write_rows(queries.ADD_SPENT, spent)

    def _origin_ids(self, origins: set[Origin]) -> dict[Origin, int]:
        """The id of each origin; new ones are written."""
        self._write_rows(queries.INSERT_ORIGIN, origins)
        return {origin: self._number(queries.SELECT_ORIGIN_ID, storable(astuple(origin))) for origin in origins}

    def _write_rows(self, query: str, rows: Iterable[msgspec.Struct]) -> None:
        self._write(query, map(astuple, rows))

    def _write(self, query: str, rows: Iterable[Row]) -> None:
        self._connection.executemany(query, map(storable, rows) if self._stores_any_value else rows)

    def _column(self, query: str, parameters: tuple[object, ...] = ()) -> list[str]:
        return [value for (value,) in self._connection.execute(query, parameters)]

    def _number(self, query: str, parameters: tuple[object, ...] = ()) -> int:
        return int(self._connection.execute(query, parameters).fetchone()[0])

    def _totals(self, label_limit: int) -> Totals:
        totals, read = Totals(label_limit), self._connection.execute
        totals.counters = {
            row.key: row.value for row in starmap(CounterRow, read(queries.SELECT_COUNTERS)) if row.name in METRICS
        }
        totals.distributions = {
            row.key: row.distribution()
            for row in starmap(DistributionRow, read(queries.SELECT_DISTRIBUTIONS))
            if row.name in METRICS
        }
        for label, value in read(queries.SELECT_LABEL_VALUES):
            totals.label_values.setdefault(label, set()).add(value)
        return totals
