"""The meter: finds and counts what is new in all directories, in batches of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from exporter.counting.budgets import BUDGET_WINDOW_US, NO_BUDGETS, Budgets
from exporter.counting.messages import SLOT_US
from exporter.counting.waiting import idle_from_us, wait_of
from exporter.ingest.batch_writer import BatchWriter
from exporter.ingest.hooks import HookIngest
from exporter.ingest.past import PastIngest
from exporter.ingest.residuals import count_residuals
from exporter.ingest.silence import expire, settle, start_without_project
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.failures import LedgerDamagedError, is_due_to_input
from exporter.ledger.store import Ledger
from exporter.model.clock import now_us
from exporter.model.log import logger
from exporter.model.old_logs import Handled
from exporter.model.records import SessionStatus
from exporter.model.sessions import SETTLE_US, WINDOW_US, Session, status
from exporter.model.waiting import Wait
from exporter.prices.table import PriceTable, load_prices
from exporter.sources.claude_processes import ClaudeProcesses
from exporter.sources.quotas import Quotas

log = logger(__name__)


class Meter:
    """Reads hook logs and transcripts into the ledger. Not thread-safe.

    `is_recounting` from the loss of the ledger until all that is on disk is in another one. `counted_us` is the time
    as of which everything is counted. `old_logs` are those that were handled since it started.
    """

    def __init__(
        self,
        roots: Iterable[str],
        ledger: Ledger,
        clock: Callable[[], int] = now_us,
        *,
        transcript_roots: Iterable[str] = (),
        prices: PriceTable | None = None,
        budgets: Budgets = NO_BUDGETS,
    ) -> None:
        self.roots = tuple(roots)
        self.transcript_roots = tuple(transcript_roots)
        self.ledger = ledger
        self.clock = clock
        self.budgets = budgets
        self.quotas = Quotas(self.roots)
        self.processes = ClaudeProcesses(self.transcript_roots)
        self.behind_since_us: int | None = None
        self.is_recounting = False
        self.counted_us = 0
        self.old_logs: Counter[Handled] = Counter()
        self._writer = self.new_writer()
        self._hooks = HookIngest(self.roots, self._writer)
        self.prices = prices or load_prices()
        self._transcripts = TranscriptIngest(self.transcript_roots, self._writer, self.prices)
        self._past = PastIngest(self.transcript_roots, ledger, clock, self.prices)
        try:
            self._load()
        except LedgerDamagedError as error:
            self._start_over(error)

    def new_writer(self) -> BatchWriter:
        """What all that is read goes through."""
        return BatchWriter(self.ledger, self.clock)

    @property
    def watched(self) -> tuple[str, ...]:
        """Every directory below which files to read may appear."""
        return (*self.roots, *self._transcripts.watched)

    @property
    def changes(self) -> int:
        """A number that grows with every change of the metrics but the lag."""
        state, others = self.ledger.state, self.quotas.changes + self.processes.changes + self.old_logs.total()
        return state.changes + state.write_errors + self._writer.reports + others

    @property
    def unreadable(self) -> dict[str, str]:
        """The directories that could not be read in the last attempt, each with a sentence on the reason."""
        return self._writer.unreadable

    def recent_sessions(self) -> list[Session]:
        """The sessions of the last 24 hours."""
        since_us = self.clock() - WINDOW_US
        return [session for session in self.ledger.state.sessions.values() if session.last_us >= since_us]

    def running_tools(self) -> list[Counter[str]]:
        """The open calls by tool of each session that is not completed: those that are probably running."""
        return self._in_running_sessions(self.ledger.state.open_tools)

    def running_agents(self) -> list[Counter[str]]:
        """The running sub-agents by type of each session that is not completed."""
        return self._in_running_sessions(self.ledger.state.running_agents)

    def waits(self) -> list[Wait]:
        """The sessions that wait for a person."""
        now, asked = self.clock(), self.ledger.state.asked_calls
        waits = (
            wait_of(session, asked.get(session.session_id), self.processes.of(session.session_id), now)
            for session in self.recent_sessions()
        )
        return [wait for wait in waits if wait]

    def next_wait_us(self) -> int:
        """The time at which another session begins to wait for its next prompt if nothing more is logged."""
        now, sessions = self.clock(), self.recent_sessions()
        moments = (idle_from_us(session, self.processes.of(session.session_id)) for session in sessions)
        return min((moment for moment in moments if moment > now), default=now + WINDOW_US)

    def background_commands(self) -> int:
        """The number of commands that run in the background of sessions that have not ended."""
        return sum(session.background_calls for session in self.recent_sessions() if not session.is_over)

    def _in_running_sessions(self, found: Mapping[str, Counter[str]]) -> list[Counter[str]]:
        now, sessions = self.clock(), self.ledger.state.sessions
        return [
            names
            for session_id, names in found.items()
            if session_id in sessions and status(sessions[session_id], now) is not SessionStatus.COMPLETED
        ]

    @property
    def is_behind(self) -> bool:
        """Whether lines may be waiting to be counted, so that the lag grows with time alone."""
        return self.behind_since_us is not None

    def lag_us(self) -> int:
        """How long the oldest uncounted change has been waiting."""
        return 0 if self.behind_since_us is None else max(0, self.clock() - self.behind_since_us)

    def refresh(self, directories: Iterable[str] | None = None) -> Iterator[int]:
        """Count what is new in these directories (in all if None), yielding after each commit.

        It yields the number of bytes that were read for the commit, and 0 at intervals during a long walk, so that the
        caller can do other work. Raises LedgerWriteError or LedgerError; what was not committed is read again by the
        next refresh. After the ledger was damaged or replaced, everything is read again.
        """
        self.behind_since_us = self.behind_since_us or self.clock()
        self.quotas.refresh()
        self.processes.refresh()
        try:
            if not self.ledger.keep_in_place():
                self.is_recounting = True
                self._load()
            yield from self._count(None if self.is_recounting else directories)
        except LedgerDamagedError as error:
            self._start_over(error)
            yield from self._count(None)
        self.is_recounting = False
        self.behind_since_us = None

    def catch_up(self) -> None:
        """Refresh all directories, to the end."""
        for _ in self.refresh():
            pass

    def _start_over(self, error: LedgerDamagedError) -> None:
        self.is_recounting = True
        self.ledger.start_over(str(error))
        self._load()

    def _load(self) -> None:
        self.ledger.load_recent_sessions(self.clock())
        self.ledger.load_spent((self.clock() - BUDGET_WINDOW_US) // SLOT_US)

    def _count(self, directories: Iterable[str] | None) -> Iterator[int]:
        """Count what is new; if a line or a session is to blame for a failure, count all others."""
        changed = None if directories is None else set(directories)
        try:
            yield from self._count_new(changed, isolates_faults=False)
        except Exception as error:  # a bug, or a value that nobody thought of, stops the counting of no other line
            if not is_due_to_input(error):
                raise
            log.debug("Counting failed.", exc_info=True)
            yield from self._count_new(changed, isolates_faults=True)

    def _count_new(self, changed: set[str] | None, *, isolates_faults: bool) -> Iterator[int]:
        now_us, writer = self.clock(), self._writer
        settle_before_us, expire_before_us = now_us - SETTLE_US, now_us - WINDOW_US
        writer.drop()
        writer.isolates_faults = isolates_faults
        yield from self._past.ingest(isolates_faults=isolates_faults)
        named = set(self.ledger.state.transcript_directories)
        yield from self._hooks.ingest(changed)
        yield from writer.commit()
        named_now = self.ledger.state.transcript_directories - named
        yield from self._transcripts.ingest(None if changed is None else changed | named_now, settle_before_us)
        yield from writer.commit()
        yield from count_residuals(writer, self.prices, settle_before_us)
        yield from writer.commit()
        yield from settle(writer, settle_before_us)
        yield from expire(writer, expire_before_us)
        yield from start_without_project(writer, settle_before_us)
        if not self.ledger.state.all_is_read:
            writer.batch.all_is_read = True
            yield from writer.commit()
        self.ledger.state.forget_sessions(expire_before_us)
        self.ledger.state.forget_spent((now_us - BUDGET_WINDOW_US) // SLOT_US)
        self.counted_us = now_us
