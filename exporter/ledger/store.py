"""The ledger at work: what a batch needs to know, and the one transaction that counts it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import astuple

from exporter.counting.batch import Batch
from exporter.counting.catalog import METRICS
from exporter.counting.rules import Exemplar, SessionCount
from exporter.counting.spending import CountedMessage, Origin, Spending
from exporter.counting.totals import Distribution, Key, Totals
from exporter.ledger import queries
from exporter.model.records import Outcome, Usage
from exporter.model.sessions import WINDOW_US, Session
from exporter.prices.table import Cost
from exporter.sources.files import LogFile, printable
from exporter.sources.lines import Position, digest
from exporter.sources.pairing import OpenCall, Pairing

MOST_SEEN_ROWS = 32
NO_COST = (None, None, None)


class LedgerWriteError(Exception):
    """The ledger could not take a batch; nothing of it was counted, and it will be read again."""


class KnownFile(msgspec.Struct, frozen=True, gc=False):
    """A file as the ledger last saw it."""

    file: LogFile
    position: Position


class Ledger:
    """Totals, positions and open calls. What it holds in memory is what its last transaction committed.

    One thread at a time may use it.
    """

    def __init__(self, connection: sqlite3.Connection, label_limit: int) -> None:
        self._connection = connection
        self.totals = _load_totals(connection, label_limit)
        self.exemplars: dict[tuple[str, int], Exemplar] = {}
        self.open_tools: dict[str, Counter[str]] = {}
        for session_id, tool in connection.execute(queries.SELECT_OPEN_TOOLS):
            self.open_tools.setdefault(session_id, Counter())[tool] += 1
        self.files = self._number(queries.COUNT_FILES)
        self.created_seconds = self._number(queries.SELECT_CREATED)
        self.size_bytes = self._number(queries.SELECT_SIZE)
        self.write_errors = 0
        self.sessions: dict[str, Session] = {}
        self.spent: Counter[int] = Counter()
        self.changes = 0
        self.transcript_directories = {folder for (folder,) in connection.execute(queries.SELECT_TRANSCRIPT_FOLDERS)}

    def load_sessions(self, now_us: int) -> None:
        """Take the sessions of the last 24 hours into memory."""
        rows = self._connection.execute(queries.SELECT_SESSIONS_SINCE, (now_us - WINDOW_US,))
        self.sessions = {row[0]: _session(row) for row in rows}

    def load_spent(self, since_slot: int) -> None:
        """Take what was spent since then into memory."""
        self.spent = Counter(dict(self._connection.execute(queries.SELECT_SPENT_SINCE, (since_slot,))))

    def spent_by_names(self, since_slot: int) -> Counter[tuple[int, str, str]]:
        """What was spent since then, by the quarter of an hour, model and project."""
        rows = self._connection.execute(queries.SELECT_SPENT_BY_NAMES, (since_slot,))
        return Counter({(slot, model, project): cost for slot, model, project, cost in rows})

    def spent_by_session(self, since_slot: int) -> Counter[str]:
        """What was spent since then, by session."""
        return Counter(dict(self._connection.execute(queries.SELECT_SPENT_BY_SESSION, (since_slot,))))

    def messages_of(self, session_id: str) -> dict[int, CountedMessage]:
        """Every message of a session."""
        rows = self._connection.execute(queries.SELECT_SESSION_MESSAGES, (session_id,))
        return {row[0]: _message(row) for row in rows}

    def messages(self, keys: Iterable[int]) -> dict[int, CountedMessage]:
        """Those of the messages that were counted before."""
        rows = self._connection.execute(queries.SELECT_MESSAGES, (json.dumps(list(keys)),))
        return {row[0]: _message(row) for row in rows}

    def known_files(self, folder: str) -> dict[str, KnownFile]:
        """The files of a folder that were ever read, by name; a vanished one that comes back goes on where it was."""
        rows = self._connection.execute(queries.SELECT_FILES, (printable(folder),))
        return {
            name: KnownFile(LogFile(folder, name, device, inode, size, modified_ns), Position(position, tail))
            for name, device, inode, size, modified_ns, position, tail in rows
        }

    def begin(self, session_id: str) -> SessionCount:
        """A session as it stands, to count more of it."""
        row = self._connection.execute(queries.SELECT_SESSION, (session_id,)).fetchone()
        if row is None:
            return SessionCount.new(session_id)
        opened = dict(map(_open_call, self._connection.execute(queries.SELECT_OPEN_CALLS, (session_id,))))
        rows = self._connection.execute(queries.SELECT_SEEN, (session_id,)).fetchall()
        seen = {key for (keys,) in rows for key in keys.split("\n")}
        return SessionCount(_session(row), Pairing(opened, seen), had_open=bool(opened), seen_rows=len(rows))

    def expired_calls(self, before_us: int) -> dict[str, set[str]]:
        """The keys of the calls that started before a moment and are still open, by session."""
        expired: dict[str, set[str]] = {}
        for session_id, key in self._connection.execute(queries.SELECT_EXPIRED, (before_us,)):
            expired.setdefault(session_id, set()).add(key)
        return expired

    def silent_runs(self, before_us: int, most: int) -> list[SessionCount]:
        """Some of the sessions that never said that they ended, and said nothing since a moment.

        Their calls are not told: what was open before that moment has expired.
        """
        found = self._connection.execute(queries.SELECT_SILENT_RUNS, (before_us,)).fetchmany(most)
        rows = (self._connection.execute(queries.SELECT_SESSION, session_id).fetchone() for session_id in found)
        return [SessionCount(_session(row), Pairing()) for row in rows]

    def commit(self, batch: Batch, now_us: int) -> None:
        """Count a batch and move the positions behind it, both or neither.

        Raises LedgerWriteError, with the totals as they were.
        """
        increments = self.totals.bounded(batch.counted.increments)
        counters = {
            key: self.totals.counters.get(key, 0) + times for key, times in increments.counters.items() if times
        }
        distributions = {
            key: _sum(self.totals.distributions.get(key), added) for key, added in increments.distributions.items()
        }
        named = set(map(printable, batch.project_directories)) - self.transcript_directories
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._write_totals(counters, distributions)
                self._write_files(batch)
                self._write_sessions(batch.sessions.values())
                self._write_spending(batch.spending)
                self._connection.executemany(queries.INSERT_TRANSCRIPT_FOLDER, ((folder,) for folder in named))
            self.size_bytes = self._number(queries.SELECT_SIZE)
        except sqlite3.Error as error:
            self.write_errors += 1
            raise LedgerWriteError(
                f"The ledger could not be written ({error}); nothing is lost, the lines will be read again."
            ) from error
        self.changes += 1
        self.totals.counters.update(counters)
        self.totals.distributions.update(distributions)
        self.files += len(batch.new_files & {(file.directory, file.name) for file, _ in batch.positions})
        for (tool, bucket), exemplar in batch.counted.exemplars.items():
            self.exemplars[self.totals.known("tool", tool), bucket] = exemplar
        for (slot, _), cost in batch.spending.spent.items():
            self.spent[slot] += cost
        self.transcript_directories |= named
        for count in batch.sessions.values():
            self._remember(count, now_us - WINDOW_US)

    def forget_spent(self, before_slot: int) -> None:
        """Let go of what was spent too long ago for any budget."""
        for slot in [slot for slot in self.spent if slot < before_slot]:
            del self.spent[slot]

    def forget_sessions(self, before_us: int) -> None:
        """Let go of the sessions that have left the window."""
        self.sessions = {key: session for key, session in self.sessions.items() if session.last_us >= before_us}

    def _number(self, query: str) -> int:
        return int(self._connection.execute(query).fetchone()[0])

    def _remember(self, count: SessionCount, since_us: int) -> None:
        if count.session.last_us >= since_us:
            self.sessions[count.session.session_id] = count.session
        if count.pairing.open:
            self.open_tools[count.session.session_id] = Counter(call.tool for call in count.pairing.open.values())
        else:
            self.open_tools.pop(count.session.session_id, None)

    def _write_totals(self, counters: Mapping[Key, int], distributions: Mapping[Key, Distribution]) -> None:
        write = self._connection.executemany
        write(queries.UPSERT_COUNTER, ((name, json.dumps(labels), value) for (name, labels), value in counters.items()))
        write(
            queries.UPSERT_DISTRIBUTION,
            (
                (name, json.dumps(labels), json.dumps(distribution.counts), distribution.sum)
                for (name, labels), distribution in distributions.items()
            ),
        )
        values = self.totals.label_values
        write(
            queries.INSERT_LABEL_VALUE, {pair for pair in _label_values(counters) if pair[1] in values.get(pair[0], ())}
        )

    def _write_files(self, batch: Batch) -> None:
        self._connection.executemany(
            queries.UPSERT_FILE,
            (
                (
                    printable(f.directory),
                    f.name,
                    f.device,
                    f.inode,
                    f.size,
                    f.modified_ns,
                    read_to.offset,
                    read_to.tail,
                )
                for f, read_to in batch.positions
            ),
        )

    def _write_sessions(self, counts: Iterable[SessionCount]) -> None:
        write = self._connection.executemany
        counts = list(counts)
        write(queries.UPSERT_SESSION, (astuple(count.session) for count in counts))
        write(queries.DELETE_OPEN_CALLS, ((count.session.session_id,) for count in counts if count.had_open))
        write(queries.INSERT_OPEN_CALL, (row for count in counts for row in _open_rows(count)))
        compacted = [count for count in counts if count.seen_rows > MOST_SEEN_ROWS]
        write(queries.DELETE_SEEN, ((count.session.session_id,) for count in compacted))
        write(queries.INSERT_SEEN, (row for count in counts for row in _seen_rows(count)))

    def _write_spending(self, spending: Spending) -> None:
        messages, write = spending.messages.values(), self._connection.executemany
        write(queries.INSERT_ORIGIN, {astuple(message.origin) for message in messages})
        write(queries.UPSERT_MESSAGE, map(_message_row, messages))
        write(queries.ADD_SPENT, ((slot, cost, *astuple(origin)) for (slot, origin), cost in spending.spent.items()))


def _message_row(message: CountedMessage) -> tuple[object, ...]:
    return (
        message.key, message.time_us, *astuple(message.usage), *(message.cost or NO_COST), *astuple(message.origin)
    )  # fmt: skip


def _message(row: tuple[Any, ...]) -> CountedMessage:
    cost = None if row[12] is None else Cost(*row[12:])
    return CountedMessage(row[0], row[1], Origin(*row[2:6]), Usage(*row[6:12]), cost)


def _open_rows(count: SessionCount) -> Iterable[tuple[object, ...]]:
    for key, call in count.pairing.open.items():
        opened_us = count.session.last_us if call.started_us is None else call.started_us
        yield (
            count.session.session_id, key, call.tool, call.agent_id, call.agent, call.started_us, opened_us,
            call.input_digest or digest(call.input), call.fallback, call.error, call.identified,
        )  # fmt: skip


def _seen_rows(count: SessionCount) -> Iterable[tuple[str, str]]:
    pairing = count.pairing
    keys = pairing.seen if count.seen_rows > MOST_SEEN_ROWS else pairing.new_seen
    if keys:
        yield count.session.session_id, "\n".join(keys)


def _load_totals(connection: sqlite3.Connection, label_limit: int) -> Totals:
    totals = Totals(label_limit)
    for name, labels, value in connection.execute(queries.SELECT_COUNTERS):
        if name in METRICS:
            totals.counters[name, tuple(json.loads(labels))] = value
    for name, labels, counts, total in connection.execute(queries.SELECT_DISTRIBUTIONS):
        if name in METRICS:
            totals.distributions[name, tuple(json.loads(labels))] = Distribution(json.loads(counts), total)
    for label, value in connection.execute(queries.SELECT_LABEL_VALUES):
        totals.label_values.setdefault(label, set()).add(value)
    return totals


def _label_values(counters: Iterable[Key]) -> set[tuple[str, str]]:
    """The values of the labels that the logs fill, `other` among them."""
    return {
        (label, value)
        for name, labels in counters
        for label, value in zip(METRICS[name].labels, labels, strict=True)
        if label in METRICS[name].unbounded
    }


def _sum(before: Distribution | None, added: Distribution) -> Distribution:
    total = Distribution(list(added.counts), added.sum)
    if before is not None:
        total.add(before)
    return total


def _open_call(row: tuple[str, str, str, str, int | None, bytes, str, str, int]) -> tuple[str, OpenCall]:
    key, tool, agent_id, agent, started_us, input_digest, fallback, error, identified = row
    call = OpenCall(tool, agent_id, agent, started_us, b"", input_digest, Outcome(fallback), error, bool(identified))
    return key, call


def _session(row: tuple[str, str, int, int, int, int, int, int]) -> Session:
    session_id, project, first, last, run_started, ended, calls, open_calls = row
    return Session(session_id, project, first, last, run_started, bool(ended), calls, open_calls)
