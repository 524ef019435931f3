"""Reads sessions for the CLI and the API directly from hook logs and transcripts in several directories."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from exporter.counting.project_names import labels_of
from exporter.ingest.event_log import StartedIn
from exporter.ingest.follow import SessionGroup, group_files, named_group, read_log, session_groups
from exporter.ingest.recent_sessions import CountedSession, FollowedGroup
from exporter.ingest.session_log import SessionLog, SessionLogs
from exporter.model.bounds import MAX_CLOCK_SKEW_US
from exporter.model.clock import now_us
from exporter.model.errors import cause_of
from exporter.model.records import LoggedCall, Phase
from exporter.model.session_events import SessionEvent
from exporter.model.sessions import WINDOW_US
from exporter.sources.files import absolute, is_safe_name, log_files
from exporter.sources.session_transcripts import transcript_paths, transcript_paths_of
from exporter.views.sessions import LogRecord, SessionDetails, SessionSummary, log_record, summary, tool_use

MAX_CACHED_BYTES = 64 << 20  # of the logs of the sessions that were requested last


class SessionCalls(NamedTuple):
    """The summary of a session, its unredacted calls ordered by their start, and the path of its project."""

    summary: SessionSummary
    calls: list[LoggedCall]
    project: str


class SessionEvents(NamedTuple):
    """The unredacted events of a session in chronological order, where it was started, and the path of its project."""

    events: list[SessionEvent]
    started_in: StartedIn
    project: str


class HooksReader:
    """Reads the session directories of several roots, and transcripts. A session in several of them is one.

    Each call reads only what is new since the last one. `unreadable` has the reason for each path that could not be
    read in the last attempt; all other sessions are still returned. Not thread-safe.
    """

    def __init__(
        self,
        sessions_dir: str | Path = "logs/sessions",
        additional_dirs: Iterable[str | Path] = (),
        clock: Callable[[], int] = now_us,
        *,
        transcript_roots: Iterable[str | Path] = (),
    ) -> None:
        self._roots = tuple(absolute(tuple(map(Path, (sessions_dir, *additional_dirs)))))
        self._transcript_roots = tuple(absolute(tuple(map(Path, transcript_roots))))
        self._clock = clock
        self._groups: dict[SessionGroup, FollowedGroup] = {}
        self._of_session: dict[str, tuple[SessionGroup, ...]] = {}
        self._shared: dict[_SharedKey, CountedSession] = {}
        self._labels: dict[str, str] = {}
        self._logs = SessionLogs(MAX_CACHED_BYTES)
        self.unreadable: dict[str, str] = {}

    def get_all_sessions(self) -> list[SessionSummary]:
        """The summaries of the sessions of the last 24 hours, newest first."""
        now = self._clock()
        recent = self.counted_sessions(now - WINDOW_US)
        self._labels = labels_of((counted.session for counted in recent), {})
        return [summary(counted.session, counted.errors, now, self._labels) for counted in recent]

    def counted_sessions(
        self, since_us: int, is_read: Callable[[SessionGroup], bool] = lambda _group: False
    ) -> list[CountedSession]:
        """The sessions since a time, newest first, without those of groups that are read elsewhere."""
        now = self._clock()
        self._read_groups(now, since_us, is_read)
        sessions = [counted._replace(session=counted.at(now)) for counted in self._counted_sessions(now)]
        recent = [counted for counted in sessions if counted.session.last_us >= since_us]
        return sorted(recent, key=lambda counted: (-counted.session.last_us, counted.session.session_id))

    def has_files(self, session_uuid: str) -> bool:
        """Whether there are logs or transcripts with the name of a session."""
        roots = self._readable_roots()
        groups = [self._named_group(roots, session_uuid)] if is_safe_name(session_uuid) else []
        return any(True for group in groups for _ in group_files(group, self._report))

    def counted_session(self, session_uuid: str) -> CountedSession | None:
        """A session of any age; None if no log and no transcript names it."""
        self.unreadable = {}
        log = self._found_log(session_uuid, self._clock())
        return CountedSession.of(log.count) if log else None

    def get_session_details(self, session_uuid: str) -> SessionDetails | None:
        """The calls and the summary of a session of any age; None if no log and no transcript names it."""
        found = self.get_session_calls(session_uuid)
        if found is None:
            return None
        return {"tools": [tool_use(logged, found.project) for logged in found.calls], "summary": found.summary}

    def get_session_calls(self, session_uuid: str) -> SessionCalls | None:
        """The unredacted details, for views such as `calls_page` that show and redact only a part of them."""
        now = self._clock()
        self.unreadable = {}
        log = self._found_log(session_uuid, now)
        if log is None:
            return None
        counted = CountedSession.of(log.count)
        labels = labels_of([counted.session], self._labels)
        shown = summary(counted.session, counted.errors, now, labels)
        return SessionCalls(shown, log.calls(), counted.session.project)

    def get_session_events(self, session_uuid: str) -> SessionEvents | None:
        """The unredacted events of a session; None if no log and no transcript names it."""
        self.unreadable = {}
        log = self._found_log(session_uuid, self._clock())
        if log is None:
            return None
        return SessionEvents(log.events(self._report), log.started_in, log.count.session.project)

    def get_whole_text(self, session_uuid: str, event_id: str) -> str | None:
        """The unredacted whole text of an event of a session; None if the session has no event with this id."""
        self.unreadable = {}
        log = self._found_log(session_uuid, self._clock())
        events = log.events(self._report) if log else []
        found = next((event for event in events if event.id == event_id), None)
        return log.whole_text(found, self._report) if log and found else None

    def parse_pre_tool_use(self, path: str | Path) -> list[LogRecord]:
        """The records of a log of starts in any format; empty if there is no such file."""
        return _log_records(path, Phase.START)

    def parse_post_tool_use(self, path: str | Path) -> list[LogRecord]:
        """The records of a log of ends in any format; empty if there is no such file."""
        return _log_records(path, Phase.END)

    def _found_log(self, session_uuid: str, now: int) -> SessionLog | None:
        """The lines of a session; None if there are none."""
        log = self._read_log(session_uuid, now)
        if not log.exists:
            self._read_groups(
                now, now - WINDOW_US, lambda _group: False
            )  # its lines may be in a directory with another name
            log = self._read_log(session_uuid, now)
        return log if log.exists else None

    def _read_groups(self, now: int, since_us: int, is_read: Callable[[SessionGroup], bool]) -> None:
        """Read what is new in every group that may have a session since a time, and is not read elsewhere."""
        self.unreadable = {}
        since_us -= MAX_CLOCK_SKEW_US
        transcripts = transcript_paths(self._transcript_roots, self._report)
        groups = session_groups(self._readable_roots(), transcripts=transcripts)
        found = {group: self._groups.get(group) for group in groups}
        self._groups = {
            group: known or FollowedGroup(group)
            for group, known in found.items()
            if ((known and known.written_us >= since_us) or self._is_recent(group, since_us)) and not is_read(group)
        }
        of_session: dict[str, tuple[SessionGroup, ...]] = {}
        for group, followed in self._groups.items():
            followed.refresh(self._report, now)
            for session_id in followed.sessions:
                of_session[session_id] = (*of_session.get(session_id, ()), group)
        self._of_session = of_session

    def _counted_sessions(self, now: int) -> list[CountedSession]:
        """Every session once; those with lines in several groups are counted over all of these."""
        shared: dict[_SharedKey, CountedSession] = {}
        sessions: list[CountedSession] = []
        for session_id, groups in self._of_session.items():
            if len(groups) == 1:
                sessions.append(self._groups[groups[0]].sessions[session_id])
                continue
            key = session_id, tuple((group, self._groups[group].version) for group in groups)
            shared[key] = self._shared.get(key) or CountedSession.of(self._read_log(session_id, now).count)
            sessions.append(shared[key])
        self._shared = shared
        return sessions

    def _read_log(self, session_id: str, now: int) -> SessionLog:
        roots = self._readable_roots()
        own = [self._named_group(roots, session_id)] if is_safe_name(session_id) else []
        shared = [SessionGroup((root,)) for root in roots]
        groups = dict.fromkeys([*own, *shared, *self._of_session.get(session_id, ())])
        return self._logs.refreshed(session_id, tuple(groups), self._report, now)

    def _named_group(self, roots: tuple[str, ...], name: str) -> SessionGroup:
        return named_group(roots, name, transcript_paths_of(name, self._transcript_roots, self._report))

    def _readable_roots(self) -> tuple[str, ...]:
        return tuple(root for root in self._roots if self._is_readable(root))

    def _is_readable(self, root: str) -> bool:
        try:
            log_files(root)
        except OSError as error:
            self._report(root, error)
            return False
        return True

    def _is_recent(self, group: SessionGroup, since_us: int) -> bool:
        """Whether a file of the group was written to since a time."""
        return any(file.modified_ns >= since_us * 1000 for file in group_files(group, self._report))

    def _report(self, directory: str, error: OSError | None) -> None:
        if error:
            self.unreadable[str(error.filename or directory)] = cause_of(error)


_SharedKey = tuple[str, tuple[tuple[SessionGroup, int], ...]]


def _log_records(path: str | Path, phase: Phase) -> list[LogRecord]:
    file = Path(path).expanduser()
    if not file.is_file():
        return []
    return [log_record(record) for record in read_log(os.path.realpath(file), phase)]
