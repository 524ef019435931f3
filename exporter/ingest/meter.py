"""The meter: finds and counts what is new in all directories, in batches of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from exporter.counting.budgets import NO_BUDGETS, Budgets
from exporter.counting.spending import SLOT_US
from exporter.ingest.batch_writer import BATCH_SESSIONS, BatchWriter
from exporter.ingest.hooks import HookIngest
from exporter.ingest.past import PastIngest
from exporter.ingest.residuals import count_residuals
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.store import Ledger
from exporter.model.clock import now_us
from exporter.model.records import SessionStatus
from exporter.model.sessions import SETTLE_US, WINDOW_US, Session, status
from exporter.prices.table import PriceTable, load_prices
from exporter.sources.quotas import Quotas

BUDGET_WINDOW_US = 33 * 24 * 3600 * 1_000_000  # longer than any month


class Meter:
    """Reads hook logs and transcripts into the ledger. Not thread-safe."""

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
        self.ledger = ledger
        self.clock = clock
        self.budgets = budgets
        self.quotas = Quotas(self.roots)
        self.behind_since_us: int | None = None
        self._writer = BatchWriter(ledger, clock)
        self._hooks = HookIngest(self.roots, self._writer)
        self._prices = prices or load_prices()
        self._transcripts = TranscriptIngest(tuple(transcript_roots), self._writer, self._prices)
        self._past = PastIngest(tuple(transcript_roots), ledger, clock, self._prices)
        ledger.load_recent_sessions(clock())
        ledger.load_spent((clock() - BUDGET_WINDOW_US) // SLOT_US)

    @property
    def watched(self) -> tuple[str, ...]:
        """Every directory below which files to read may appear."""
        return (*self.roots, *self._transcripts.watched)

    @property
    def changes(self) -> int:
        """A number that grows with every change of the metrics."""
        return self.ledger.state.changes + self.quotas.changes

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

    def lag_us(self) -> int:
        """How long the oldest uncounted change has been waiting."""
        return 0 if self.behind_since_us is None else max(0, self.clock() - self.behind_since_us)

    def refresh(self, directories: Iterable[str] | None = None) -> Iterator[int]:
        """Count what is new in these directories (in all if None), yielding after each commit.

        It yields the number of bytes that were read for the commit, and 0 at intervals during a long walk, so that the
        caller can do other work. Raises LedgerWriteError; what was not committed is read again by the next refresh.
        """
        settle_before_us = self.clock() - SETTLE_US
        self.behind_since_us = self.behind_since_us or self.clock()
        self.quotas.refresh()
        writer = self._writer
        writer.drop()
        yield from self._past.ingest()
        changed = None if directories is None else set(directories)
        named = set(self.ledger.state.transcript_directories)
        yield from self._hooks.ingest(changed)
        yield from writer.commit()
        named_now = self.ledger.state.transcript_directories - named
        yield from self._transcripts.ingest(None if changed is None else changed | named_now)
        yield from writer.commit()
        yield from count_residuals(writer, self._prices, settle_before_us)
        yield from writer.commit()
        yield from self._settle(settle_before_us)
        yield from self._expire_silent()
        yield from self._start_without_project(settle_before_us)
        self.ledger.state.forget_sessions(self.clock() - WINDOW_US)
        self.ledger.state.forget_spent((self.clock() - BUDGET_WINDOW_US) // SLOT_US)
        self.behind_since_us = None

    def catch_up(self) -> None:
        """Refresh all directories, to the end."""
        for _ in self.refresh():
            pass

    def _settle(self, before_us: int) -> Iterator[int]:
        """Count calls by their presumed ends, once all witnesses have been read and had a minute to correct them."""
        for session_id in self.ledger.unsettled_sessions(before_us):
            self._writer.batch.counted.settle(self._writer.loaded_session(session_id), before_us)
            yield from self._writer.commit_if_full()
        for session_id in self.ledger.ended_transcripts(before_us):
            self._writer.batch.counted.end_transcript_run(self._writer.loaded_session(session_id).session)
            yield from self._writer.commit_if_full()
        yield from self._writer.commit()

    def _expire_silent(self) -> Iterator[int]:
        """Expire calls, and end the runs of sessions, without a line for 24 hours."""
        before_us, writer = self.clock() - WINDOW_US, self._writer
        for session_id, keys in self.ledger.expired_calls(before_us).items():
            count = writer.loaded_session(session_id)
            count.pairing.expire(keys)
            writer.batch.counted.finish(count)
            if len(writer.batch.sessions) >= BATCH_SESSIONS:
                yield from writer.commit()
        yield from writer.commit()
        for session_id in self.ledger.silent_work(before_us):
            count = writer.loaded_session(session_id)
            count.pairing.expire_all()
            writer.batch.counted.finish(count)
            yield from writer.commit_if_full()
        yield from writer.commit()
        while silent := self.ledger.silent_runs(before_us, BATCH_SESSIONS):
            for count in silent:
                writer.batch.sessions[count.session.session_id] = count
                writer.batch.counted.start(count.session)
                writer.batch.counted.end_silent_run(count.session)
            yield from writer.commit()

    def _start_without_project(self, before_us: int) -> Iterator[int]:
        """Count the sessions as started whose project no line has named since a time."""
        for session_id in self.ledger.awaiting_project(before_us):
            self._writer.batch.counted.start(self._writer.loaded_session(session_id).session)
            yield from self._writer.commit_if_full()
        yield from self._writer.commit()
