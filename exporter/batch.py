"""A batch: what some folders came to, before one transaction counts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from exporter.catalog import BYTES_READ, LINES
from exporter.counting import Counted, SessionCount
from exporter.sources.folder_reader import FolderRead, TimedRecord
from exporter.sources.lines import Position
from exporter.sources.log_folders import LogFile


@dataclass(slots=True)
class Batch:
    """Everything that one transaction changes."""

    counted: Counted = field(default_factory=Counted)
    sessions: dict[str, SessionCount] = field(default_factory=dict)
    positions: list[tuple[LogFile, Position]] = field(default_factory=list)
    new_files: set[tuple[str, str]] = field(default_factory=set)
    bytes_read: int = 0

    def session(self, session_id: str, begin: Callable[[str], SessionCount]) -> SessionCount:
        """A session as the batch changes it; `begin` gives one that it has not changed yet."""
        if session_id not in self.sessions:
            self.sessions[session_id] = begin(session_id)
        return self.sessions[session_id]

    def take(self, read: FolderRead, count: SessionCount, begin: Callable[[str], SessionCount]) -> None:
        """Count what one reading of the folder of a session gave."""
        counted, bytes_read = self.counted, sum(read.bytes_read.values())
        if read.fast:
            self.sessions[count.session.session_id] = count
            counted.take_fast(count, read.fast)
        by_session: dict[str, list[TimedRecord]] = {}
        for timed in read.records:
            by_session.setdefault(timed.record.session, []).append(timed)
        for session_id, records in by_session.items():
            counted.take(self.session(session_id, begin), records)
        if read.fast:
            counted.finish(count)
        for (source, result), times in read.lines.items():
            counted.increments.count(LINES, (source, result), times)
        for source, size in read.bytes_read.items():
            counted.increments.count(BYTES_READ, (source,), size)
        self.positions += read.positions
        self.bytes_read += bytes_read

    def merge(self, other: Batch) -> None:
        """Take in another batch, which changes none of the same sessions and files."""
        self.counted.merge(other.counted)
        self.sessions |= other.sessions
        self.positions += other.positions
        self.new_files |= other.new_files
        self.bytes_read += other.bytes_read
