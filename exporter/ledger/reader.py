"""The ledger as it is read: its state in memory, and queries for more of it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import starmap

from exporter.counting.catalog import METRICS
from exporter.counting.messages import CountedMessage
from exporter.counting.project_names import KnownProject
from exporter.counting.session_count import SessionCount
from exporter.counting.session_usage import SessionUsage, UsedBy
from exporter.counting.totals import Totals
from exporter.ledger import queries
from exporter.ledger.call_history import read_call_hours
from exporter.ledger.code_history import ProjectCode, read_code_hours
from exporter.ledger.failures import reads
from exporter.ledger.messages import messages
from exporter.ledger.rows import CounterRow, DistributionRow, SessionRow
from exporter.ledger.seen_keys import SeenCache
from exporter.ledger.session_list_reader import SessionListReader
from exporter.ledger.session_reading import asked_by_session, load_session, running_by_session
from exporter.ledger.session_records import SessionRecords
from exporter.ledger.state import LedgerState
from exporter.model.contexts import Context
from exporter.model.listed_session import ListedRow
from exporter.model.money import Amount
from exporter.model.sessions import WINDOW_US
from exporter.sources.call_hours import CallHours
from exporter.sources.pairing import Pairing

Revision = tuple[int, int]


class LedgerReader(SessionListReader):
    """Reads a ledger. `state` is what is held of it in memory, and `records` reads sessions of any age.

    All reads raise LedgerDamagedError.
    """

    def __init__(self, connection: sqlite3.Connection, label_limit: int) -> None:
        super().__init__(connection)
        self._label_limit = label_limit
        self._read_from(connection)

    @reads
    def _read_from(self, connection: sqlite3.Connection) -> None:
        """Load the state from a connection, and read from it henceforth."""
        self._connection = connection
        self.records = SessionRecords(connection)
        self._seen = SeenCache()
        self.state = LedgerState(
            totals=self._totals(),
            created_seconds=self._number(queries.SELECT_CREATED),
            past_is_unread=self.past_is_unread(),
            all_is_read=bool(self._number(queries.SELECT_ALL_IS_READ)),
            hours_are_unread=bool(self._number(queries.SELECT_HOURS_ARE_UNREAD)),
            size_bytes=self._number(queries.SELECT_SIZE),
            files=self._number(queries.COUNT_FILES),
            open_tools=running_by_session(connection, queries.SELECT_RUNNING_TOOLS),
            asked_calls=asked_by_session(connection),
            running_agents=running_by_session(connection, queries.SELECT_RUNNING_AGENTS),
            projects={row[0]: KnownProject(*row) for row in connection.execute(queries.SELECT_PROJECTS)},
            price_lists=self.price_lists(),
            transcript_directories=self.transcript_directories(),
        )

    @reads
    def hold(self) -> None:
        """Have all reads see the same state until it is released, whatever is committed meanwhile."""
        self._connection.execute("BEGIN")

    def release(self) -> None:
        """Have reads see what was committed since the state that was held, if any was."""
        self._connection.rollback()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @reads
    def load_recent_sessions(self, now_us: int) -> None:
        """Load the sessions of the last 24 hours into the state."""
        rows = self._connection.execute(queries.SELECT_SESSIONS_SINCE, (now_us - WINDOW_US,))
        self.state.sessions = {row.session_id: row.session() for row in starmap(SessionRow, rows)}

    @reads
    def load_spent(self, since_slot: int) -> None:
        """Load what was spent since a slot into the state."""
        self.state.spent = Counter(dict(self._connection.execute(queries.SELECT_SPENT_SINCE, (since_slot,))))

    @reads
    def spent_by_model_and_project(self, since_slot: int) -> Counter[tuple[int, str, str]]:
        """Picodollars spent since a slot, by slot, model and project."""
        rows = self._connection.execute(queries.SELECT_SPENT_BY_MODEL_AND_PROJECT, (since_slot,))
        return Counter({(slot, model, project): cost for slot, model, project, cost in rows})

    @reads
    def unpriced_by_model_and_project(self, since_slot: int) -> Counter[tuple[int, str, str]]:
        """Tokens without a known price since a slot, by slot, model and project."""
        rows = self._connection.execute(queries.SELECT_UNPRICED_BY_MODEL_AND_PROJECT, (since_slot,))
        return Counter({(slot, model, project): tokens for slot, model, project, tokens in rows})

    @reads
    def costs_of_sessions(self, since_us: int) -> dict[str, Amount]:
        """What each session with messages cost that has a line since a time."""
        rows = self._connection.execute(queries.SELECT_COSTS_OF_SESSIONS, (since_us,))
        return {session: Amount(cost if is_known else None, tokens) for session, cost, is_known, tokens in rows}

    @reads
    def revision(self) -> Revision:
        """What identifies the current content of the ledger: when it was created, and the number of its commits."""
        created_seconds, commits = self._connection.execute(queries.SELECT_REVISION).fetchone()
        return created_seconds, commits

    @reads
    def listed_rows(self, session_ids: Iterable[str]) -> dict[str, ListedRow]:
        """Those of some sessions that are listed, by id."""
        rows = self._connection.execute(queries.SELECT_LISTED, (json.dumps(list(session_ids)),))
        return {row[0]: ListedRow(*row) for row in rows}

    @reads
    def call_hours(self, since_hour: int, until_hour: int) -> CallHours:
        """The calls that ended in a range of hours."""
        return read_call_hours(self._connection, since_hour, until_hour)

    @reads
    def code_hours(self, since_hour: int, until_hour: int) -> list[ProjectCode]:
        """What calls changed in a range of hours."""
        return list(read_code_hours(self._connection, since_hour, until_hour))

    @reads
    def code_since_us(self) -> int:
        """From when on the ledger has the changes of all calls; 0 if it has those of all that it has counted."""
        return self._number(queries.SELECT_CODE_SINCE)

    @reads
    def calls_since_us(self) -> int:
        """From when on the ledger has the hours of all calls; 0 if it has those of all that it has counted."""
        return self._number(queries.SELECT_CALLS_SINCE)

    @reads
    def remembered_since_us(self) -> int | None:
        """From when on no session can have been deleted before it was counted; None until all there is was read."""
        row: tuple[int | None] | None = self._connection.execute(queries.SELECT_REMEMBERED_SINCE).fetchone()
        return row[0] if row else None

    @reads
    def tokens(self, since_us: int, until_us: int, without: Iterable[int] = ()) -> int:
        """All tokens of the messages in a range of time, but for some messages."""
        return self._number(queries.SELECT_TOKENS, (since_us, until_us, json.dumps(list(without))))

    @reads
    def contexts(self, session_ids: Iterable[str]) -> dict[str, Context]:
        """The contexts of those of some sessions that have requests, by id."""
        rows = self._connection.execute(queries.SELECT_CONTEXTS, (json.dumps(list(session_ids)),))
        return {session: Context(*context) for session, *context in rows}

    @reads
    def usage_of(self, session_ids: Iterable[str]) -> dict[UsedBy, SessionUsage]:
        """What some sessions used."""
        rows = self._connection.execute(queries.SELECT_USAGE, (json.dumps(list(session_ids)),))
        return {UsedBy(*row[:3]): SessionUsage(*row[3:]) for row in rows}

    @reads
    def session_messages(self, session_id: str) -> dict[int, CountedMessage]:
        """All counted messages of a session, by key."""
        return messages(self._connection, queries.SELECT_SESSION_MESSAGES, (session_id,))

    @reads
    def parents(self, sessions: Iterable[str]) -> dict[str, str]:
        """The parents of those of some sessions that are forks; empty if unknown."""
        return dict(self._connection.execute(queries.SELECT_PARENTS, (json.dumps(list(sessions)),)))

    @reads
    def counted_messages(self, keys: Iterable[int]) -> dict[int, CountedMessage]:
        """Those of some messages that are counted already, by key."""
        return messages(self._connection, queries.SELECT_MESSAGES, (json.dumps(list(keys)),))

    @reads
    def counted_events(self, keys: Collection[int]) -> set[int]:
        """Those of some keys of events that are counted already."""
        if not keys:
            return set()
        return {key for (key,) in self._connection.execute(queries.SELECT_EVENTS, (json.dumps(list(keys)),))}

    @reads
    def load_session(self, session_id: str) -> SessionCount:
        """A session as it was counted so far, to count more of it."""
        return load_session(self._connection, session_id, self._seen)

    @reads
    def expired_calls(self, before_us: int) -> dict[str, set[str]]:
        """The keys of calls that started before a time and are still open, by session."""
        expired: dict[str, set[str]] = {}
        for session_id, key in self._connection.execute(queries.SELECT_EXPIRED, (before_us,)):
            expired.setdefault(session_id, set()).add(key)
        return expired

    @reads
    def silent_work(self, before_us: int) -> list[str]:
        """The sessions without a line since a time that have open runs of sub-agents, or commands in the background."""
        return self._column(queries.SELECT_SILENT_WORK, (before_us,))

    @reads
    def unsettled_sessions(self, before_us: int) -> list[str]:
        """The sessions with calls or runs that presumably ended before a time."""
        return self._column(queries.SELECT_UNSETTLED, (before_us,))

    @reads
    def awaiting_project(self, before_us: int) -> list[str]:
        """The sessions that started before a time, and whose project no line has named."""
        return self._column(queries.SELECT_AWAITING_PROJECT, (before_us,))

    @reads
    def ended_transcripts(self, before_us: int) -> list[str]:
        """The sessions whose transcripts ended before a time, and whose runs were not counted."""
        return self._column(queries.SELECT_ENDED_TRANSCRIPTS, (before_us,))

    @reads
    def silent_runs(self, before_us: int, limit: int) -> dict[str, SessionCount]:
        """Up to `limit` sessions with no end and no line since a time, by id.

        Their open calls are left out: all of them have expired.
        """
        found = self._connection.execute(queries.SELECT_SILENT_RUNS, (before_us,)).fetchmany(limit)
        rows = (self._connection.execute(queries.SELECT_SESSION, session_id).fetchone() for session_id in found)
        return {row[0]: SessionCount(SessionRow(*row).session(), Pairing()) for row in rows}

    def _totals(self) -> Totals:
        totals, read = Totals(self._label_limit), self._connection.execute
        counters = starmap(CounterRow, read(queries.SELECT_COUNTERS))
        totals.counters = {row.key: row.value for row in counters if row.name in METRICS}
        rows = starmap(DistributionRow, read(queries.SELECT_DISTRIBUTIONS))
        totals.distributions = {row.key: row.distribution() for row in rows if row.name in METRICS}
        for label, value in read(queries.SELECT_LABEL_VALUES):
            totals.label_values.setdefault(label, set()).add(value)
        return totals
