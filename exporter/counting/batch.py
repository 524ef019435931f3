"""A batch: what some directories came to, before one transaction counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from exporter.counting.catalog import BYTES_READ, LINES
from exporter.counting.rules import Counted, SessionCount
from exporter.counting.spending import CountedMessage, Spending
from exporter.model.records import LineResult
from exporter.prices.table import PriceTable
from exporter.sources.directory_reader import DirectoryRead, TimedRecord
from exporter.sources.files import LogFile
from exporter.sources.lines import Position
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE, project_directory
from exporter.sources.transcripts import TranscriptRead


@dataclass(slots=True)
class Batch:
    """Everything that one transaction changes."""

    counted: Counted = field(default_factory=Counted)
    sessions: dict[str, SessionCount] = field(default_factory=dict)
    positions: list[tuple[LogFile, Position]] = field(default_factory=list)
    new_files: set[tuple[str, str]] = field(default_factory=set)
    bytes_read: int = 0
    spending: Spending = field(init=False)

    def __post_init__(self) -> None:
        self.spending = Spending(self.counted.increments)

    @property
    def project_directories(self) -> set[str]:
        """The directories of the transcripts that hook logs named."""
        return {directory for transcript in self.counted.transcripts if (directory := project_directory(transcript))}

    def session(self, session_id: str, begin: Callable[[str], SessionCount]) -> SessionCount:
        """A session as the batch changes it; `begin` gives one that it has not changed yet."""
        if session_id not in self.sessions:
            self.sessions[session_id] = begin(session_id)
        return self.sessions[session_id]

    def take(self, read: DirectoryRead, count: SessionCount, begin: Callable[[str], SessionCount]) -> None:
        """Count what one reading of the directory of a session gave."""
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
        self._move(read.positions, more=read.more)
        self.bytes_read += bytes_read

    def take_transcript(
        self, file: LogFile, read: TranscriptRead, prices: PriceTable, known: Mapping[int, CountedMessage]
    ) -> None:
        """Count what one reading of a transcript gave; `known` are those of its messages that were counted before."""
        take, cost = self.spending.take, prices.cost
        new = sum([take(message, cost(message), known) for message in read.messages])
        results = {
            LineResult.COUNTED: new,
            LineResult.DUPLICATE: len(read.messages) - new,
            LineResult.MALFORMED: read.malformed,
            LineResult.IGNORED: read.lines - len(read.messages) - read.malformed,
        }
        for result, times in results.items():
            self.counted.increments.count(LINES, (TRANSCRIPT_SOURCE, result), times)
        self.counted.increments.count(BYTES_READ, (TRANSCRIPT_SOURCE,), read.bytes_read)
        self._move([(file, read.position)], more=read.more)
        self.bytes_read += read.bytes_read

    def _move(self, positions: Iterable[tuple[LogFile, Position]], *, more: bool) -> None:
        """Remember how far files are read. One that is read in part has no size, so that it is never taken for read."""
        for file, position in positions:
            in_part = more and position.offset < file.size
            self.positions.append((replace(file, size=-1) if in_part else file, position))

    def merge(self, other: Batch) -> None:
        """Take in another batch, which changes none of the same sessions and files."""
        self.counted.merge(other.counted)
        self.sessions |= other.sessions
        self.positions += other.positions
        self.new_files |= other.new_files
        self.bytes_read += other.bytes_read
