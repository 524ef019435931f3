"""The events of one session, kept unredacted in memory, so that only those of a requested page are redacted."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import PurePath
from typing import NamedTuple

from msgspec.structs import replace

from exporter.ingest.follow import Report, SessionGroup
from exporter.ingest.offsets import MemoryOffsets
from exporter.model.records import CALL_PHASES
from exporter.model.session_events import EventKind, SessionEvent
from exporter.model.sessions import TranscriptSession
from exporter.sources.decoded_lines import decode_chunk
from exporter.sources.files import LogFile, log_files
from exporter.sources.hook_session_events import hook_session_event
from exporter.sources.known_files import by_directory
from exporter.sources.line_context import first_time_us
from exporter.sources.lines import Chunk, position_at, read_chunk
from exporter.sources.merged_events import merged_events
from exporter.sources.named_transcripts import PROJECTS
from exporter.sources.positions import Position
from exporter.sources.projects import start_directory
from exporter.sources.relevant_lines import is_relevant
from exporter.sources.session_events import session_event
from exporter.sources.session_transcripts import session_transcripts
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_authors import TranscriptFile
from exporter.sources.transcript_lines import TranscriptLine, decode_line

EVENT_BYTES = 300  # memory of an event without its texts


class StartedIn(NamedTuple):
    """Where a session was started: the directory, and Claude Code's own with its transcript; empty if unknown."""

    directory: str = ""
    config_dir: str = ""


class EventLog:
    """All events of a session in `groups`. `bytes` is about the memory that they take."""

    def __init__(self, session_id: str, groups: tuple[SessionGroup, ...]) -> None:
        self.started_in = StartedIn()
        self._session_id = session_id
        self._groups = groups
        self._offsets = MemoryOffsets()
        self._of_file: dict[str, list[SessionEvent]] = {}  # by path
        self._merged: list[SessionEvent] = []
        self.bytes = 0

    def refreshed(self, report: Report) -> list[SessionEvent]:
        """All events in chronological order; only what is new is read."""
        if self._read_new(report):
            self._merged = merged_events(event for events in self._of_file.values() for event in events)
            self.bytes = sum(EVENT_BYTES + len(event.text) + len(event.input) for event in self._merged)
        return self._merged

    def _read_new(self, report: Report) -> bool:
        """Read the new lines of all files; whether there are any."""
        is_changed = False
        for group in self._groups:
            for directory in group.directories:
                try:
                    files = list(log_files(directory))
                except OSError as error:
                    report(directory, error)
                    continue
                others = [file for file in files if file.phase not in CALL_PHASES]
                for file, position in self._offsets.unread(directory, others).items():
                    is_changed |= self._read_file(file, position, None, report)
            for path in group.transcripts:
                is_changed |= self._read_transcripts(path, report)
        return is_changed

    def _read_transcripts(self, path: str, report: Report) -> bool:
        is_changed, project = False, path.rpartition(os.sep)[0]
        for directory, files in by_directory(session_transcripts(path, report)).items():
            for file, position in self._offsets.unread(directory, files).items():
                is_changed |= self._read_file(file, position, project, report)
        return is_changed

    def _read_file(self, file: LogFile, position: Position, project: str | None, report: Report) -> bool:
        """Read what is new in a hook log, or in a transcript of a project; whether anything is."""
        is_changed = False
        try:
            while chunk := read_chunk(file, position):
                if chunk.start == 0:
                    self._of_file[file.path] = []
                events = self._of_file.setdefault(file.path, [])
                if project is None:
                    self._read_hooks(file, chunk, events)
                else:
                    self._read_lines(file, chunk, project, events)
                position, is_changed = position_at(file, chunk, chunk.end), True
                self._offsets.advance(file, position, more=chunk.more)
                if not chunk.more:
                    break
        except OSError as error:
            report(file.path, error)
        return is_changed

    def _read_hooks(self, file: LogFile, chunk: Chunk, events: list[SessionEvent]) -> None:
        decoded = decode_chunk(file, chunk, self._session_id)
        for line, record, order_us in zip(decoded.lines, decoded.records, decoded.order_us, strict=True):
            if record and record.session == self._session_id and (
                event := hook_session_event(record, line, order_us or file.written_us)
            ):  # fmt: skip
                events.append(event)

    def _read_lines(self, log: LogFile, chunk: Chunk, project: str, events: list[SessionEvent]) -> None:
        file = TranscriptFile(log, project, _no_project, first_time_us(log, chunk))
        last_us = events[-1].time_us if events else log.written_us
        for text in BytesIO(chunk.data):
            line = decode_line(text) if is_relevant(text) else None
            if line is None:
                continue
            last_us = to_us(line.timestamp) or last_us
            self._note_start(line, log, project)
            if line.requestSessionId and line.requestSessionId != line.sessionId:
                events.clear()  # all lines so far are copies of another session's
            author = file.author(line)
            is_own = author.session_id == self._session_id and not file.is_older(last_us)
            if is_own and (event := session_event(line, text, author, last_us)):
                _add(event, events)

    def _note_start(self, line: TranscriptLine, log: LogFile, project: str) -> None:
        """Note where the session was started, which the first line of its own transcript shows."""
        if self.started_in.directory or not line.cwd or log.directory != project:
            return
        place = PurePath(project)
        config_dir = str(place.parent.parent) if place.parent.name == PROJECTS else ""
        self.started_in = StartedIn(start_directory(line.cwd, place.name), config_dir)


def _add(event: SessionEvent, events: list[SessionEvent]) -> None:
    """Add an event; the lines of one API message are one answer, with the first text that any of them has."""
    last = events[-1] if events else None
    if event.kind is EventKind.ANSWER and last and last.request == event.request:
        if event.text and not last.text:
            events[-1] = replace(last, text=event.text)
    else:
        events.append(event)


def _no_project(session_id: str) -> TranscriptSession:
    return TranscriptSession(session_id, "", 0)
