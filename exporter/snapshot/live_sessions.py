"""The tool calls of the last 24 hours, one by one, from the hook logs: only what is new is ever read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from exporter.counting.rules import Counted, SessionCount
from exporter.counting.totals import clean
from exporter.model.clock import now_us
from exporter.model.records import Outcome, ToolCall
from exporter.model.sessions import MINUTE_US, SILENT_US, WINDOW_US, Session
from exporter.snapshot.call_window import CallWindow, EndedCall
from exporter.snapshot.latest_errors import LatestErrors
from exporter.sources.directory_reader import DirectoryRead, TimedRecord, read_directory
from exporter.sources.error_categories import categorize
from exporter.sources.files import LogFile, absolute, log_files, printable, session_directories
from exporter.sources.lines import Position
from exporter.sources.pairing import OpenCall, Pairing

READ_SECONDS = 0.5
# Directories in which nothing was written for an hour are looked at this seldom.
WALK_US = 30 * 1_000_000
# A call is given up after a day, and counts for a day from then on.
HISTORY_US = 2 * WINDOW_US
HOUR_US = 60 * MINUTE_US
DAY_SLOT_US, HOUR_SLOT_US = 30 * MINUTE_US, MINUTE_US


@dataclass(frozen=True, slots=True)
class _Known:
    """How far a file is read; `file` is as it was then, None where more of it waits."""

    file: LogFile | None
    inode: tuple[int, int]
    position: Position


class ToolTracker:
    """Follows the logs of several roots. It counts by the exporter's own rules, so that both agree.

    `calls` are those of the last 24 hours, `lately` those of the last hour, `errors` the latest that failed. It knows
    of no threads: one caller at a time. What could not be read at the last try is in `unreadable`, by its path, with
    the reason.
    """

    def __init__(
        self,
        sessions_dir: str | Path = "logs/sessions",
        additional_dirs: Iterable[str | Path] = (),
        clock: Callable[[], int] = now_us,
    ) -> None:
        self.calls = CallWindow(DAY_SLOT_US)
        self.lately = CallWindow(HOUR_SLOT_US)
        self.errors = LatestErrors()
        self.complete = False
        self.unreadable: dict[str, str] = {}
        self._roots = tuple(absolute(tuple(map(Path, (sessions_dir, *additional_dirs)))))
        self.clock = clock
        self._counted = Counted()
        self._sessions: dict[str, SessionCount] = {}
        self._known: dict[tuple[str, str], _Known] = {}
        self._written_us: dict[str, int] = {}
        self._walked_us = 0
        self._reading: Iterator[None] | None = None

    def refresh(self, seconds: float = READ_SECONDS) -> None:
        """Read what is new, but not for much longer than this; `complete` says whether that was all."""
        until = perf_counter() + seconds
        self._reading = self._reading or self._read_all()
        for _ in self._reading:
            if perf_counter() >= until:
                break
        else:
            self._reading, self.complete = None, True
        self._forget(self.clock())

    def sessions(self) -> list[SessionCount]:
        """The sessions of the last 24 hours, each with the calls that are open."""
        since_us = self.clock() - WINDOW_US
        return [count for count in self._sessions.values() if count.session.last_us >= since_us]

    def _read_all(self) -> Iterator[None]:
        """Read what is new, a bounded part at a time."""
        self.unreadable = {}
        now = self.clock()
        is_walk = now >= self._walked_us + WALK_US
        self._walked_us = now if is_walk else self._walked_us
        for name, directories in self._places().items():
            if is_walk or self._written_us.get(name, now) >= now - SILENT_US:
                yield from self._read(name, directories)

    def _places(self) -> dict[str, list[str]]:
        """The directories that are read together, by name: those of one name, and each root by itself."""
        places: dict[str, list[str]] = {}
        for root in self._roots:
            for directory in session_directories(root):
                places.setdefault(directory if directory == root else directory.rpartition(os.sep)[2], []).append(
                    directory
                )
        return places

    def _read(self, name: str, directories: list[str]) -> Iterator[None]:
        files: list[LogFile] = []
        for directory in directories:
            try:
                files += log_files(directory)
            except OSError as error:
                self.unreadable[str(error.filename or directory)] = error.strerror or str(error)
        if files:  # an empty directory is one that is just being made
            self._written_us[name] = max(file.modified_ns // 1000 for file in files)
        waiting = self._unread(files)
        session_id = printable(name.rpartition(os.sep)[2])
        while waiting:
            try:
                read = read_directory(waiting, session_id)
            except OSError as error:
                self.unreadable[str(error.filename or name)] = error.strerror or str(error)
                return
            self._take(read)
            waiting = dict(read.positions) if read.more else {}
            yield

    def _unread(self, files: list[LogFile]) -> dict[LogFile, Position]:
        """The files that changed and are not too old, each with how far it is read, also under an older name."""
        since_ns = (self.clock() - HISTORY_US) * 1000
        known = {file: self._known.get((file.directory, file.name)) for file in files}
        by_inode = {found.inode: found.position for found in known.values() if found}
        return {
            file: by_inode.get((file.device, file.inode)) or (found.position if found else Position())
            for file, found in known.items()
            if file.modified_ns >= since_ns and not (found and found.file == file)
        }

    def _take(self, read: DirectoryRead) -> None:
        by_session: dict[str, list[TimedRecord]] = {}
        for timed in read.records:
            by_session.setdefault(timed.record.session, []).append(timed)
        for session_id, records in by_session.items():
            count = self._sessions.setdefault(session_id, SessionCount(Session(session_id), Pairing()))
            for timed in records:
                self._counted.take_line(count, timed)
            self._finish(count)
        for file, position in read.positions:
            in_part = read.more and position.offset < file.size
            known = _Known(None if in_part else file, (file.device, file.inode), position)
            self._known[file.directory, file.name] = known

    def _finish(self, count: SessionCount, given_up_us: int | None = None) -> None:
        """Take the calls that have ended, or were given up after a while."""
        for call in count.pairing.calls:
            ended_us = count.session.last_us if call.ended_us is None else call.ended_us
            if given_up_us is not None:
                ended_us = _began(call, count.session) + given_up_us
            ended = _ended(call, ended_us)
            self.calls.add(ended)
            self.lately.add(ended)
            if ended.category:
                self.errors.add(ended, count.session, call.error)
        self._counted.finish(count)
        self._counted = Counted()  # the totals are the exporter's to keep

    def _forget(self, now: int) -> None:
        """Give up calls that never ended, and let go of what is older than 24 hours."""
        before_us = now - WINDOW_US
        for session_id, count in list(self._sessions.items()):
            expired = {key for key, call in count.pairing.open.items() if _began(call, count.session) < before_us}
            if expired:
                count.pairing.expire(expired)
                self._finish(count, WINDOW_US)
            if count.session.last_us < before_us and not count.pairing.open:
                del self._sessions[session_id]
        self.calls.forget(before_us)
        self.lately.forget(now - HOUR_US)
        self.errors.forget(before_us)


def _began(call: OpenCall | ToolCall, session: Session) -> int:
    return session.last_us if call.started_us is None else call.started_us


def _ended(call: ToolCall, ended_us: int) -> EndedCall:
    category = categorize(call.error) if call.outcome is Outcome.ERROR else None
    return EndedCall(ended_us, clean(call.tool), clean(call.agent), call.outcome, category, call.duration_us)
