"""Recent spending, from the ledger of the exporter and from transcripts that the exporter has not read yet.

The ledger belongs to another process and is only read, so it does not matter whether the exporter is running, stopped
or was never started: its totals are used, and the transcripts are read from the offsets in the ledger on. Without a
ledger, all transcripts of the last 33 days are read, and their messages kept in memory.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple, TypeVar

from exporter.counting.budgets import (
    BUDGET_WINDOW_US,
    NO_BUDGETS,
    Budgets,
    SpentBySlot,
    spent_last_day,
    spent_this_month,
    spent_today,
)
from exporter.counting.messages import SLOT_US, CountedMessage
from exporter.ingest.changed_sessions import Unread, UsedBySession
from exporter.ingest.noted_spending import NotedSpending
from exporter.ingest.recent_sessions import CountedSession
from exporter.ingest.residuals import count_residuals
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.failures import LedgerError, is_transient
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.read_only import open_read_only
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import empty_ledger
from exporter.model.clock import now_us
from exporter.model.contexts import Context
from exporter.model.file_stamp import SIZE, FileStamp, file_stamp
from exporter.model.money import Amount
from exporter.model.sessions import SETTLE_US
from exporter.prices.table import PriceTable, load_prices
from exporter.reports.unpriced import count_unpriced
from exporter.snapshot.costs import SpentByNames
from exporter.snapshot.older_spending import OlderSpending, in_order
from exporter.snapshot.schema import Costs

READ_SECONDS = 0.5
WALK_US = 5 * 1_000_000
Found = TypeVar("Found")


class Spent(NamedTuple):
    """The spending of the last 24 hours (by quarter of an hour), today and this month; unknown if it is not read."""

    day: Amount = Amount()
    today: Amount = Amount()
    month: Amount = Amount()

    def costs(self) -> Costs:
        """The part of the snapshot that has it."""
        return {
            "cost_24h": self.day.dollars,
            "cost_today": self.today.dollars,
            "cost_month": self.month.dollars,
            "unpriced_tokens_24h": self.day.unpriced_tokens,
            "unpriced_tokens_today": self.today.unpriced_tokens,
            "unpriced_tokens_month": self.month.unpriced_tokens,
        }


NOT_READ = Spent()


class LiveSpending:
    """Follows the ledger and the transcripts; its figures are about five seconds old at most. Not thread-safe.

    All of a reading sees the ledger in one state, so that nothing counts twice or is missed that the exporter commits
    meanwhile: a step holds that state, and begins anew if something was committed since the step before it.

    `slots` has what was spent by quarter of an hour, `by_names` by quarter, model and project, both of the last 33
    days. `by_session` has what each session with messages cost that has a line since then, and `older` has those with
    older transcripts. `labels` are those of projects, by path. `unreadable` has a sentence on the reason for each path
    that the last reading could not read. `readings` is the number of readings that have begun.
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
        prices = prices or load_prices()
        self.older = OlderSpending(data_dir, tuple(transcript_roots), prices, clock)
        self._roots = tuple(transcript_roots)
        self._prices = prices
        self._clock = clock
        self._signature: object = None
        self._damaged: object = None  # the signature of a ledger that cannot be read to its end
        self._uncommitted: NotedSpending | None = None
        self._reading: Iterator[int] | None = None
        self._walked_us = 0
        self._begun_anew = 0
        self._starts_over = False
        self.readings = 0
        self.slots = SpentBySlot({})
        self.by_names = SpentByNames()
        self.by_session: dict[str, Amount] = {}
        self.labels: dict[str, str] = {}
        self._used: UsedBySession = {}
        self._titles: dict[str, str] = {}

    def refresh(self, seconds: float = READ_SECONDS, *, after: int | None = None) -> None:
        """Read what is new for about `seconds` at most; `complete` is set once everything was read.

        A reading begins five seconds after the one before, or at once if that is the reading number `after`.
        """
        if not self.is_reading:
            is_recent = 0 <= self._clock() - self._walked_us < WALK_US
            if is_recent if after is None else self.has_read(after):
                return
        try:
            self._read_step(seconds)
        except sqlite3.Error as error:
            self._give_up(error)
        finally:
            if self._uncommitted:
                self._uncommitted.ledger.release()

    def _read_step(self, seconds: float) -> None:
        if self._uncommitted:
            self._uncommitted.ledger.hold()
            if not self._uncommitted.is_of_this_revision():
                self._begun_anew += self._reading is not None
                self.close()
        self._reading = self._reading or self._start_reading()
        # Twice as long each time, so that it ends even if something is committed all the time.
        until = perf_counter() + seconds * 2**self._begun_anew
        for _ in self._reading:
            if perf_counter() >= until:
                break
        else:
            self._reading, self._begun_anew = None, 0
            self._note_unreadable()
        # After a change of the ledger, the previous figures stay until all that it lacks has been read again.
        if self._uncommitted and (self._reading is None or not self.complete):
            self._update_figures(self._uncommitted)
        self.complete = self.complete or self._reading is None

    @property
    def is_reading(self) -> bool:
        """Whether a part has been read, and not all; what single sessions have is that of a part, then."""
        return self._reading is not None or self._starts_over

    def has_read(self, after: int) -> bool:
        """Whether a reading that began after the one with this number has ended, be it by a failure."""
        return not self.is_reading and self.readings > after

    @property
    def since_slot(self) -> int:
        """The first slot of `by_names`."""
        return (self._clock() - BUDGET_WINDOW_US) // SLOT_US + 1

    def spent(self) -> Spent:
        """The current figures."""
        now = self._clock()
        sums = (spent_last_day, spent_today, spent_this_month)
        return Spent(*(self.slots.amount(partial(sum_of, now_us=now)) for sum_of in sums))

    def messages_of(self, session_id: str) -> list[CountedMessage] | None:
        """The messages of a session in chronological order, as of the last refresh; None before the first."""
        found = self._asked(lambda uncommitted: uncommitted.messages_of(session_id), None)
        return None if found is None else in_order(found)

    def contexts(self, session_ids: Iterable[str]) -> dict[str, Context]:
        """The contexts of some sessions, as of the last refresh."""
        return self._asked(lambda uncommitted: uncommitted.contexts(session_ids), {})

    def titles(self, session_ids: Collection[str]) -> dict[str, str]:
        """The titles of some sessions, or else their first prompts, as of the last refresh."""
        return self._asked(lambda uncommitted: uncommitted.titles(session_ids), {})

    def tokens(self, since_us: int, until_us: int) -> int | None:
        """All tokens of a range of time, as of the last refresh; None before the first."""
        return self._asked(lambda uncommitted: uncommitted.tokens(since_us, until_us), None)

    def _asked(self, ask: Callable[[NotedSpending], Found], unknown: Found) -> Found:
        """An answer as of the last refresh; `unknown` before the first, and where the ledger cannot be read."""
        try:
            return ask(self._uncommitted) if self._uncommitted else unknown
        except sqlite3.Error as error:
            self._give_up(error)
            return unknown

    def _give_up(self, error: sqlite3.Error) -> None:
        """Close a ledger that cannot be read, until later; another reading does without one that is damaged."""
        self._report_unreadable(error)
        self.close()
        if not is_transient(error):
            self._damaged, self._starts_over = self._signature, True

    def unread(self, counted: Mapping[str, CountedSession], labels: Mapping[str, str]) -> Unread:
        """What the ledger lacks as of the last reading, with sessions that were counted elsewhere."""
        return Unread(counted, self._titles, self._used, labels)

    def close(self) -> None:
        """Close the ledger."""
        if self._uncommitted:
            self._uncommitted.close()
        self._uncommitted = self._reading = None

    def _update_figures(self, uncommitted: NotedSpending) -> None:
        self.by_names = SpentByNames(uncommitted.by_names(), uncommitted.unpriced())
        self.slots = SpentBySlot(uncommitted.slots(), by_slot(self.by_names.unpriced))
        self._used, self._titles = uncommitted.used(), uncommitted.unread_titles()
        self.by_session = uncommitted.by_session(self._used)
        self.labels = uncommitted.label_projects()

    def _start_reading(self) -> Iterator[int]:
        now = self._clock()
        self._walked_us = now
        self.readings += 1
        signature = _signature(self._path)
        if self._uncommitted is None or signature != self._signature:
            self.close()
            self._signature = signature
            self._uncommitted = self._open()
        self._starts_over = False
        self._uncommitted.reasons.clear()
        return self._read(self._uncommitted, now - SETTLE_US)

    def _read(self, uncommitted: NotedSpending, settle_before_us: int) -> Iterator[int]:
        yield from TranscriptIngest(self._roots, uncommitted, self._prices).ingest(None)
        yield from count_residuals(uncommitted, self._prices, settle_before_us)

    def _open(self) -> NotedSpending:
        """What the ledger has not read yet; of all that is known without one that this version can read."""
        uncommitted = NotedSpending(
            self._readable_ledger() or empty_ledger(), self._clock, self._clock() - BUDGET_WINDOW_US
        )
        uncommitted.load()
        count_unpriced(uncommitted, self._prices, self._clock() - BUDGET_WINDOW_US)
        return uncommitted

    def _readable_ledger(self) -> LedgerReader | None:
        """The ledger, opened read-only; None if there is none that can be read, the reason for which is reported."""
        if self._starts_over or self._signature == self._damaged:
            return None
        self.unreadable.pop(str(self._path), None)
        try:
            connection = open_read_only(self._path, any_thread=True)
            if connection:
                connection.execute("BEGIN")
                return LedgerReader(connection, label_limit=0)
        except (LedgerError, sqlite3.Error) as error:
            self._report_unreadable(error)
        return None

    def _note_unreadable(self) -> None:
        """Note what could not be read by the reading that has ended."""
        ledger = {path: sentence for path, sentence in self.unreadable.items() if path == str(self._path)}
        reasons = self._uncommitted.reasons if self._uncommitted else {}
        self.unreadable = {path: f"{path} cannot be read ({reason})." for path, reason in reasons.items()} | ledger

    def _report_unreadable(self, error: LedgerError | sqlite3.Error) -> None:
        sentence = error if isinstance(error, LedgerError) else f"The ledger {self._path} cannot be read ({error})."
        self.unreadable[str(self._path)] = f"{sentence} Until then, costs come from the transcripts alone."


def _signature(path: Path) -> tuple[FileStamp | None, tuple[int, ...] | None]:
    """A value that changes whenever the ledger is written or replaced.

    To open it creates an empty log if there is none, and changes the ctime of one.
    """
    log = file_stamp(f"{path}-wal")
    return file_stamp(path), log[:-1] if log and log[SIZE] else None


def by_slot(by_names: Mapping[tuple[int, str, str], int]) -> Counter[int]:
    """The sums by quarter of an hour."""
    slots: Counter[int] = Counter()
    for (slot, *_), number in by_names.items():
        slots[slot] += number
    return slots
