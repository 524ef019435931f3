"""Recent spending: from the exporter's ledger, and in memory from what the exporter has not read yet.

The ledger is another process's. It is only read, so the exporter may run, be stopped, or never have run: what it has
counted is taken from it, and the transcripts are read from where it stopped. Without a ledger that is all of them of
the last 33 days, which are then kept in memory.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from exporter.counting.budgets import NO_BUDGETS, Budgets, spent_this_month, spent_today
from exporter.counting.spending import SLOT_US, CountedMessage, Origin
from exporter.ingest.batch_writer import BatchWriter
from exporter.ingest.meter import BUDGET_WINDOW_US
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.opening import FILE_NAME
from exporter.ledger.schema import VERSION, migrate, version
from exporter.ledger.store import Ledger
from exporter.model.clock import now_us
from exporter.model.file_stamp import FileStamp, file_stamp
from exporter.model.sessions import WINDOW_US
from exporter.prices.table import PriceTable, load_prices
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.lines import Position

READ_SECONDS = 0.5
WALK_US = 5 * 1_000_000
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Spent:
    """Picodollars: of the last 24 hours (to the quarter of an hour), of today, and of this month; None if not read."""

    day: int | None
    today: int | None
    month: int | None


NOT_READ = Spent(None, None, None)


class LiveSpending:
    """Follows the ledger and the transcripts; what it says is about five seconds old at most.

    `by_names` is what was spent by the quarter of an hour, model and project, `by_session` by session: in picodollars,
    of the last 33 days. It knows of no threads: one caller at a time. What could not be read is in `unreadable`, with a
    sentence that says why.
    """

    def __init__(
        self,
        data_dir: Path,
        transcript_roots: Iterable[str],
        *,
        prices: PriceTable | None = None,
        budgets: Budgets = NO_BUDGETS,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self.budgets = budgets
        self.complete = False
        self.unreadable: dict[str, str] = {}
        self._path = data_dir / FILE_NAME
        self._roots = tuple(transcript_roots)
        self._prices = prices or load_prices()
        self._clock = clock
        self._signature: object = None
        self._uncommitted: _UncommittedSpending | None = None
        self._reading: Iterator[int] | None = None
        self._walked_us = 0
        self._slots: Counter[int] = Counter()
        self.by_names: Counter[tuple[int, str, str]] = Counter()
        self.by_session: Counter[str] = Counter()

    def refresh(self, seconds: float = READ_SECONDS) -> None:
        """Read what is new, but not for much longer than this; `complete` says whether that was all, once."""
        if self._reading is None:
            if self._clock() < self._walked_us + WALK_US:
                return
            self._reading = self._begin()
        until = perf_counter() + seconds
        try:
            for _ in self._reading:
                if perf_counter() >= until:
                    break
            else:
                self._reading, self.complete = None, True
        except sqlite3.Error as error:
            self._note(error)
            self.close()
        # While what a changed ledger has not read is read again, what was known before is nearer to the truth.
        if self._uncommitted and (self._reading is None or not self.complete):
            self._show(self._uncommitted)

    def spent(self) -> Spent:
        """What was spent, as of now."""
        now = self._clock()
        since = (now - WINDOW_US) // SLOT_US
        day = sum(cost for slot, cost in self._slots.items() if slot >= since)
        return Spent(day, spent_today(self._slots, now), spent_this_month(self._slots, now))

    def messages_of(self, session_id: str) -> list[CountedMessage]:
        """What a session asked the API for, in the order of time, as of the last refresh; none if it is not read."""
        try:
            found = self._uncommitted.messages_of(session_id) if self._uncommitted else ()
        except sqlite3.Error as error:
            self._note(error)
            return []
        return sorted(found, key=lambda message: (message.time_us, message.key))

    def close(self) -> None:
        """Close the ledger."""
        if self._uncommitted:
            self._uncommitted.close()
        self._uncommitted = self._reading = None

    def _show(self, uncommitted: _UncommittedSpending) -> None:
        self._slots, self.by_names = uncommitted.slots(), uncommitted.by_names()
        self.by_session = uncommitted.by_session()

    def _begin(self) -> Iterator[int]:
        now = self._clock()
        self._walked_us = now
        signature = _signature(self._path)
        if self._uncommitted is None or signature != self._signature:
            self.close()
            self._uncommitted, self._signature = self._open(), signature
        self.unreadable = {path: why for path, why in self.unreadable.items() if path == str(self._path)}
        self.unreadable |= self._uncommitted.unreadable
        return TranscriptIngest(self._roots, self._uncommitted, self._prices).ingest(None)

    def _open(self) -> _UncommittedSpending:
        """The ledger as it is, to be read only; an empty one where there is none that this version can read."""
        self.unreadable.pop(str(self._path), None)
        if self._path.exists():
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            try:
                connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
                if version(connection) == VERSION:
                    return _UncommittedSpending(connection, self._clock)
                connection.close()
                self._note("it is of another version of hookmeter")
            except sqlite3.Error as error:
                self._note(error)
        empty = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        migrate(empty)
        return _UncommittedSpending(empty, self._clock)

    def _note(self, why: object) -> None:
        sentence = f"{self._path} cannot be read ({why}); until it can, costs come from the transcripts alone."
        self.unreadable[str(self._path)] = sentence


class _UncommittedSpending(BatchWriter):
    """A ledger of another process, and what was read since; nothing is ever written to it."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], int]) -> None:
        super().__init__(Ledger(connection, label_limit=0), clock)
        self._connection = connection
        self._known: dict[tuple[str, str], KnownFile] = {}
        self._since_us = clock() - BUDGET_WINDOW_US
        since_slot = self._since_us // SLOT_US
        self.ledger.load_spent(since_slot)
        self._by_names = self.ledger.spent_by_model_and_project(since_slot)
        self._by_session = self.ledger.spent_by_session(since_slot)

    def slots(self) -> Counter[int]:
        """What was spent, in picodollars, by the quarter of an hour."""
        return self._with(self.ledger.state.spent, lambda slot, _origin: slot)

    def by_names(self) -> Counter[tuple[int, str, str]]:
        """The same by model and project, too."""
        return self._with(self._by_names, lambda slot, origin: (slot, origin.model, origin.project))

    def by_session(self) -> Counter[str]:
        """What was spent by session."""
        return self._with(self._by_session, lambda _slot, origin: origin.session)

    def messages_of(self, session_id: str) -> Iterable[CountedMessage]:
        """Every message of a session."""
        messages = self.batch.spending.messages.values()
        newer = {message.key: message for message in messages if message.origin.session == session_id}
        return (self.ledger.session_messages(session_id) | newer).values()

    def _with(self, known: Counter[Key], key_of: Callable[[int, Origin], Key]) -> Counter[Key]:
        """What the ledger has, and what was read since."""
        found = known.copy()
        for (slot, origin), cost in self.batch.spending.spent.items():
            found[key_of(slot, origin)] += cost
        return found

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files with more in them than was read by the ledger and here, unless they are too old for any figure."""
        recent = [file for file in files if file.modified_ns // 1000 >= self._since_us]
        found = super().unread(directory, recent)
        known = {file: self._known.get((file.directory, file.name)) for file in found}
        return {
            file: here.position if (here := known[file]) else position
            for file, position in found.items()
            if not ((here := known[file]) and here.file == file)
        }

    def commit_if_full(self) -> Iterator[int]:
        """Remember how far files are read; there is nothing to write."""
        for known in self.batch.read_files:
            self._known[known.file.directory, known.file.name] = known
        self.batch.read_files.clear()
        self.batch.new_files.clear()
        yield self.batch.bytes_read

    def close(self) -> None:
        """Close the ledger."""
        self._connection.close()


def _signature(path: Path) -> tuple[FileStamp | None, ...]:
    """What changes whenever the ledger is written, or is another."""
    return tuple(file_stamp(f"{path}{ending}") for ending in ("", "-wal"))
