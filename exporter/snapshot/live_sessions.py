"""The sessions and tool calls of the last 24 hours, read incrementally from hook logs and transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from time import perf_counter

from exporter.counting.project_names import labels_of
from exporter.counting.rules import Counted
from exporter.counting.session_count import SessionCount, call_started_us
from exporter.counting.waiting import wait_of
from exporter.ingest.follow import SessionGroup, follow, session_groups
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.clock import now_us
from exporter.model.errors import cause_of
from exporter.model.records import Outcome, ToolCall
from exporter.model.sessions import MINUTE_US, SETTLE_US, SILENT_US, WINDOW_US, Session
from exporter.model.text import label_value
from exporter.model.waiting import Wait
from exporter.snapshot.call_window import CallWindow, EndedCall
from exporter.snapshot.latest_errors import LatestErrors
from exporter.snapshot.uncounted import UncountedSessions
from exporter.sources.asked_calls import asked_call
from exporter.sources.claude_processes import ClaudeProcesses
from exporter.sources.directory_reader import DirectoryRead
from exporter.sources.error_categories import categorize
from exporter.sources.files import LogFile, absolute
from exporter.sources.pairing import Pairing
from exporter.sources.quotas import Quotas
from exporter.sources.session_transcripts import transcript_paths

READ_SECONDS = 0.5
# The interval at which directories without a write in the last hour are checked.
WALK_US = 30 * 1_000_000
# A call expires after a day, and is shown for another.
HISTORY_US = 2 * WINDOW_US
HOUR_US = 60 * MINUTE_US
DAY_SLOT_US, HOUR_SLOT_US = 30 * MINUTE_US, MINUTE_US


class LiveSessions:
    """Follows the logs and transcripts of several roots with the rules of the exporter, so that both agree.

    `calls` are the ended calls of the last 24 hours, `last_hour` those of the last hour, `errors` the latest failed
    ones, `quotas` those of a subscription. `uncounted` finds what the ledger lacks of the time before. Not thread-safe.
    """

    def __init__(
        self,
        sessions_dir: str | Path = "logs/sessions",
        additional_dirs: Iterable[str | Path] = (),
        clock: Callable[[], int] = now_us,
        *,
        transcript_roots: Iterable[str | Path] = (),
        uncounted: UncountedSessions | None = None,
    ) -> None:
        self.calls = CallWindow(DAY_SLOT_US)
        self.last_hour = CallWindow(HOUR_SLOT_US)
        self.errors = LatestErrors()
        self.complete = False
        self.uncounted = uncounted
        self._reasons: dict[str, tuple[str, str]] = {}  # the path and the reason of each directory
        self._roots = tuple(absolute(tuple(map(Path, (sessions_dir, *additional_dirs)))))
        self._transcript_roots = tuple(absolute(tuple(map(Path, transcript_roots))))
        self.clock = clock
        self.quotas = Quotas(self._roots)
        self._processes = ClaudeProcesses(self._transcript_roots)
        self._counted = Counted()
        self._sessions: dict[str, SessionCount] = {}
        self._offsets: dict[tuple[str, ...], MemoryOffsets] = {}
        self._walked_us = 0
        self._walks = 0
        self._groups: tuple[SessionGroup, ...] = ()
        self._reading: Iterator[None] | None = None

    def refresh(self, seconds: float = READ_SECONDS) -> None:
        """Read what is new for about `seconds` at most; `complete` is set once everything was read."""
        until = perf_counter() + seconds
        self._reading = self._reading or self._read_all()
        for _ in self._reading:
            if perf_counter() >= until:
                break
        else:
            self._reading, self.complete = None, True
        self._processes.refresh()
        self.quotas.refresh()
        self._expire(self.clock())

    @property
    def is_reading(self) -> bool:
        """Whether a part has been read, and not all."""
        return self._reading is not None

    @property
    def unreadable(self) -> dict[str, str]:
        """The reason for each path that could not be read in the last attempt."""
        return dict(self._reasons.values())

    def waits(self, counts: Iterable[SessionCount]) -> list[Wait]:
        """The waits of those of these sessions that wait for a person."""
        now = self.clock()
        waits = (
            wait_of(count.session, asked_call(count.pairing.running), self._processes.of(count.session.session_id), now)
            for count in counts
        )
        return [wait for wait in waits if wait]

    def sessions(self) -> list[SessionCount]:
        """The sessions of the last 24 hours, with their open calls."""
        since_us = self._day_us()
        return [count for count in self._sessions.values() if count.session.last_us >= since_us]

    def labels(self, known: Mapping[str, str]) -> dict[str, str]:
        """The labels of projects, by path; `known` are those that the exporter has given."""
        return labels_of((count.session for count in self._sessions.values()), known)

    @property
    def since_hour(self) -> int:
        """The first whole hour of the last 24."""
        return -(-self._day_us() // HOUR_US)

    def uncounted_since_us(self) -> int | None:
        """The time of the first line before that hour that the ledger lacks; None if it has all, or is not compared."""
        if self.uncounted is None or not self._walks:
            return None
        return self.uncounted.since_us(self._files, self._walks, self.since_hour * HOUR_US)

    def _files(self) -> dict[SessionGroup, list[LogFile]]:
        """All files of each group as they were when they were last looked at."""
        return {group: self._offsets_of(group).listed for group in self._groups}

    def _read_all(self) -> Iterator[None]:
        """Read what is new, yielding after each part of bounded size."""
        now = self.clock()
        is_walk = not 0 <= now - self._walked_us < WALK_US  # also if the clock was set back
        self._reasons = {} if is_walk else self._reasons
        self._walked_us = now if is_walk else self._walked_us
        transcripts = transcript_paths(self._transcript_roots, self._report)
        self._groups = tuple(session_groups(self._roots, transcripts=transcripts))
        for group in self._groups:
            offsets = self._offsets_of(group)
            # A group without any file yet counts as written now.
            if is_walk or (offsets.written_us or now) >= now - SILENT_US:
                for read in follow(group, offsets, self._report):
                    self._count_read(read)
                    yield
        self._walks += is_walk

    def _offsets_of(self, group: SessionGroup) -> MemoryOffsets:
        """The offsets of a group, which stays the same if another transcript is found."""
        if group.directories not in self._offsets:
            self._offsets[group.directories] = MemoryOffsets(self._since_us)
        return self._offsets[group.directories]

    def _day_us(self) -> int:
        return self.clock() - WINDOW_US

    def _since_us(self) -> int:
        return self.clock() - HISTORY_US

    def _report(self, directory: str, error: OSError | None) -> None:
        if error:
            self._reasons[directory] = str(error.filename or directory), cause_of(error)
        else:
            self._reasons.pop(directory, None)

    def _count_read(self, read: DirectoryRead) -> None:
        for session_id, records in read.by_session().items():
            count = self._sessions.setdefault(session_id, SessionCount(Session(session_id), Pairing()))
            for timed in records:
                self._counted.count_record(count, timed)
            self._finish(count)

    def _finish(self, count: SessionCount, expired_after_us: int | None = None) -> None:
        """Add the calls that have ended, or have expired after some time, to the windows."""
        for call in count.pairing.calls:
            ended_us = count.session.last_us if call.ended_us is None else call.ended_us
            if expired_after_us is not None:
                ended_us = call_started_us(call, count.session) + expired_after_us
            ended = _ended(call, ended_us)
            self.calls.add_call(ended)
            self.last_hour.add_call(ended)
            if ended.category:
                self.errors.add_failed_call(ended, count.session, call.error)
        self._counted.finish(count)
        self._counted = Counted()  # only the exporter needs the totals

    def _expire(self, now: int) -> None:
        """Settle and expire calls without an end, and drop everything older than 24 hours."""
        before_us = now - WINDOW_US
        for session_id, count in list(self._sessions.items()):
            if count.pairing.may_settle(now - SETTLE_US):
                count.pairing.settle(now - SETTLE_US)
                self._finish(count)
            if expired := count.open_calls_before(before_us):
                count.pairing.expire(expired)
                self._finish(count, WINDOW_US)
            if count.session.last_us < before_us and not count.pairing.open:
                del self._sessions[session_id]
        self.calls.drop_before(before_us)
        self.last_hour.drop_before(now - HOUR_US)
        self.errors.drop_before(before_us)


def _ended(call: ToolCall, ended_us: int) -> EndedCall:
    category = categorize(call.error) if call.outcome is Outcome.ERROR else None
    return EndedCall(
        ended_us, label_value(call.tool), label_value(call.agent), call.outcome, category, call.duration_us
    )
