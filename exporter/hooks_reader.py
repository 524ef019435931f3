"""Sessions as people and the API see them, straight from the logs in several directories."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from exporter.counting.rules import Counted, SessionCount
from exporter.model.clock import now_us
from exporter.model.records import Outcome, Phase, ToolCall
from exporter.model.sessions import WINDOW_US, Session
from exporter.sources.directory_reader import DirectoryRead, TimedRecord, read_directory, read_records
from exporter.sources.files import LogFile, is_safe_name, log_files, session_directories
from exporter.sources.lines import Position
from exporter.sources.pairing import OpenCall, Pairing
from exporter.views.sessions import LogRecord, SessionDetails, SessionSummary, log_record, moment, summary, tool_use

MOMENT = itemgetter(0, 1)
# Clocks differ, and a stamp without an offset is local time: a line may be up to a day newer than its file.
CLOCKS_US = WINDOW_US


class HooksReader:
    """Reads sessions from directories of session directories; a session in two of them is one.

    A session is counted again when its files change. What could not be read at the last try is in `unreadable`, by its
    path, with the reason; the rest is given all the same.
    """

    def __init__(
        self,
        sessions_dir: str | Path = "logs/sessions",
        additional_dirs: Iterable[str | Path] = (),
        clock: Callable[[], int] = now_us,
    ) -> None:
        roots = (os.path.realpath(Path(root).expanduser()) for root in (sessions_dir, *additional_dirs))
        self._roots = tuple(dict.fromkeys(roots))
        self._clock = clock
        self._kept: dict[_Directory, dict[str, _Counted]] = {}
        self._shared: dict[_Shared, _Counted] = {}
        self._places: dict[str, tuple[_Directory, ...]] = {}
        self.unreadable: dict[str, str] = {}

    def get_all_sessions(self) -> list[SessionSummary]:
        """The sessions of the last 24 hours, newest first."""
        now = self._clock()
        sessions = [(counted.at(now), counted.errors) for counted in self._count_recent(now).values()]
        recent = [(session, errors) for session, errors in sessions if session.last_us >= now - WINDOW_US]
        recent.sort(key=lambda found: (-found[0].last_us, found[0].session_id))
        return [summary(session, errors, now) for session, errors in recent]

    def get_session_details(self, session_uuid: str) -> SessionDetails | None:
        """A session's calls and summary, however old it is; None where no log names it."""
        now = self._clock()
        self.unreadable = {}
        records = self._find(session_uuid)
        if not records:
            self._count_recent(now)  # its lines may lie in a directory of another name
            records = self._find(session_uuid)
        if not records:
            return None
        count, calls = _count_session(session_uuid, records, now - WINDOW_US)
        running = [call.ended(Outcome.UNKNOWN, None) for call in count.pairing.open.values()]
        tools = [(call, False) for call in calls] + [(call, True) for call in running]
        tools.sort(key=lambda tool: moment(tool[0]) or 0)
        return {
            "tools": [tool_use(call, running=running) for call, running in tools],
            "summary": summary(count.session, count.errors, now),
        }

    def parse_pre_tool_use(self, path: str | Path) -> list[LogRecord]:
        """The records of a log of starts, in whichever format it is written; none where there is no such file."""
        return _log_records(path, Phase.START)

    def parse_post_tool_use(self, path: str | Path) -> list[LogRecord]:
        """The records of a log of ends, in whichever format it is written; none where there is no such file."""
        return _log_records(path, Phase.END)

    def _count_recent(self, now: int) -> dict[str, _Counted]:
        """The sessions of every directory that may hold one of the last 24 hours, by their id."""
        self.unreadable = {}
        since_ns = (now - WINDOW_US - CLOCKS_US) * 1000
        directories = [
            directory
            for directory in self._directories(self._names())
            if any(file.modified_ns >= since_ns for file in directory.files)
        ]
        self._kept = {
            directory: counted for directory in directories if (counted := self._count_directory(directory)) is not None
        }
        places: dict[str, tuple[_Directory, ...]] = {}
        for directory, counted in self._kept.items():
            for session_id in counted:
                places[session_id] = (*places.get(session_id, ()), directory)
        self._shared = self._count_shared({item for item in places.items() if len(item[1]) > 1})
        self._places = places
        return {
            session_id: self._shared.get((session_id, found)) or self._kept[found[0]][session_id]
            for session_id, found in places.items()
        }

    def _count_directory(self, directory: _Directory) -> dict[str, _Counted] | None:
        """The sessions in a directory, as they are known or counted anew; None where it cannot be read."""
        if directory in self._kept:
            return self._kept[directory]
        with self._noting(directory.name):
            return {session_id: _Counted.of(count) for session_id, count in _count(directory).items()}
        return None

    def _count_shared(self, shared: set[_Shared]) -> dict[_Shared, _Counted]:
        """The sessions whose lines lie in directories of several names, each counted over all of them."""
        missing = shared - self._shared.keys()
        records: dict[str, list[TimedRecord]] = {session_id: [] for session_id, _ in missing}
        for directory in dict.fromkeys(directory for _, directories in missing for directory in directories):
            for timed in self._records(directory):
                if timed.record.session in records:
                    records[timed.record.session].append(timed)
        return {
            key: self._shared[key] if key in self._shared else _Counted.of(_count_session(key[0], records[key[0]])[0])
            for key in shared
        }

    def _find(self, session_id: str) -> list[TimedRecord]:
        """Every record of a session, from its own directories and from those that are known to hold lines of it."""
        names = {
            session_id,
            *map(_name, self._roots),
            *(directory.name for directory in self._places.get(session_id, ())),
        }
        directories = self._directories(sorted(filter(is_safe_name, names)))
        return [
            timed
            for directory in directories
            for timed in self._records(directory)
            if timed.record.session == session_id
        ]

    def _records(self, directory: _Directory) -> list[TimedRecord]:
        with self._noting(directory.name):
            return [timed for read in _read(directory) for timed in read.records]
        return []

    def _names(self) -> list[str]:
        """The names of all directories that may hold logs."""
        names: dict[str, None] = {}
        for root in self._roots:
            with self._noting(root):
                log_files(root)  # raises where the root itself may not be read
                names.update(dict.fromkeys(map(_name, session_directories(root))))
        return list(names)

    def _directories(self, names: Iterable[str]) -> Iterator[_Directory]:
        """The logs in the directories of these names, whichever root they lie in; a root itself has a name, too."""
        for name in names:
            files: list[LogFile] = []
            for root in (root for root in self._roots if root not in self.unreadable):
                for path in (os.path.join(root, name), *([root] if _name(root) == name else ())):  # noqa: PTH118 - texts throughout
                    with self._noting(path):
                        files += log_files(path)
            if files:
                yield _Directory(name, frozenset(files))

    @contextmanager
    def _noting(self, path: str) -> Iterator[None]:
        """Pass over what cannot be read, and say so."""
        try:
            yield
        except OSError as error:
            self.unreadable[str(error.filename or path)] = error.strerror or str(error)


class _Directory(NamedTuple):
    """The logs in all directories of one name."""

    name: str
    files: frozenset[LogFile]


_Shared = tuple[str, tuple[_Directory, ...]]


class _Counted(NamedTuple):
    """A session as its files tell it, how many calls failed in it, and since when each of its running calls runs."""

    session: Session
    errors: int
    running_since_us: tuple[int, ...]

    @classmethod
    def of(cls, count: SessionCount) -> _Counted:
        """What to keep of a session that was counted."""
        return cls(
            count.session, count.errors, tuple(_began(call, count.session) for call in count.pairing.open.values())
        )

    def at(self, now: int) -> Session:
        """The session as of now: calls of whose end nothing was heard for 24 hours run no more."""
        given_up = sum(began_us < now - WINDOW_US for began_us in self.running_since_us)
        if not given_up:
            return self.session
        calls, running = self.session.calls + given_up, self.session.open_calls - given_up
        return msgspec.structs.replace(self.session, calls=calls, open_calls=running)


def _began(call: OpenCall, session: Session) -> int:
    return session.last_us if call.started_us is None else call.started_us


def _name(path: str) -> str:
    return path.rpartition(os.sep)[2]


def _read(directory: _Directory, *, fresh: Callable[[], bool] = lambda: False) -> Iterator[DirectoryRead]:
    """What the files of a directory hold, a bounded part at a time."""
    waiting = dict.fromkeys(directory.files, Position())
    while waiting:
        read = read_directory(waiting, directory.name, fresh=fresh())
        yield read
        waiting = dict(read.positions) if read.more else {}


def _count(directory: _Directory) -> dict[str, SessionCount]:
    """The sessions in a directory, counted from nothing."""
    counted = Counted()
    counts: dict[str, SessionCount] = {}
    for read in _read(directory, fresh=lambda: not counts):
        if read.fast:
            counts[directory.name] = _new(directory.name)
            counted.take_fast(counts[directory.name], read.fast)
        for timed in read.records:
            counted.take_line(counts.setdefault(timed.record.session, _new(timed.record.session)), timed)
        for count in counts.values():
            counted.finish(count)
    return counts


def _count_session(
    session_id: str, records: list[TimedRecord], before_us: int = 0
) -> tuple[SessionCount, list[ToolCall]]:
    """A session and its finished calls, those among them that began before a moment and never ended."""
    count, counted = _new(session_id), Counted()
    for timed in sorted(records, key=MOMENT):
        counted.take_line(count, timed)
    count.pairing.expire({key for key, call in count.pairing.open.items() if _began(call, count.session) < before_us})
    calls = list(count.pairing.calls)
    counted.finish(count)
    return count, calls


def _new(session_id: str) -> SessionCount:
    return SessionCount(Session(session_id), Pairing())


def _log_records(path: str | Path, phase: Phase) -> list[LogRecord]:
    file = Path(path).expanduser()
    if not file.is_file():
        return []
    return [log_record(record) for record in read_records(os.path.realpath(file), phase)]
