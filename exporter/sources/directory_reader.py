"""What is new in the log files of one session, read together: their records in the order in which they happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from exporter.model.records import LineResult, Phase
from exporter.sources.decoded_lines import DecodedLines, TimedRecord, decode_chunk
from exporter.sources.fast.new_session import pair_new_session
from exporter.sources.files import LogFile
from exporter.sources.lines import Chunk, Position, position_at, read_chunk
from exporter.sources.paired_calls import PairedCalls

# An end's line is written after its start's, and a turn's after both. Read in this order, a file never holds
# the end of a call whose start was written too late to be seen.
READING_ORDER = (Phase.EVENT, Phase.END, Phase.START)
NO_BOUND = 1 << 62
TIME_AND_PHASE = itemgetter(0, 1)


@dataclass(slots=True)
class DirectoryRead:
    """One reading of a session's files; `more` follows. `paired` are calls that need no record of their own."""

    session: str
    records: list[TimedRecord] = field(default_factory=list)
    positions: list[tuple[LogFile, Position]] = field(default_factory=list)
    lines: Counter[tuple[str, LineResult]] = field(default_factory=Counter)
    bytes_read: Counter[str] = field(default_factory=Counter)
    paired: PairedCalls | None = None
    more: bool = False

    def by_session(self) -> dict[str, list[TimedRecord]]:
        """The records of each session that the lines name."""
        found: dict[str, list[TimedRecord]] = {}
        for timed in self.records:
            found.setdefault(timed.record.session, []).append(timed)
        return found


def read_directory(
    files: Mapping[LogFile, Position], session: str, *, is_new: bool = False, phase: Phase | None = None
) -> DirectoryRead:
    """The new records of a session's files. Raises OSError where a file cannot be read.

    Of files larger than a chunk, only what happened before the first of the chunks ends is read; the rest follows with
    the next reading. So no end is read before its start, however large the files. Where nothing of the session was ever
    counted (`is_new`), most calls come paired. `phase` is what the lines are where the files' names do not say so.
    """
    ordered = sorted(files, key=lambda file: (READING_ORDER.index(file.phase), -len(file.name), file.name))
    chunks = {file: chunk for file in ordered if (chunk := read_chunk(file, files[file]))}
    read = DirectoryRead(session, more=any(chunk.more for chunk in chunks.values()))
    parts = _paired(chunks, read) if is_new else None
    if parts is None:
        parts = [decode_chunk(file, chunk, session, phase) for file, chunk in chunks.items()]
    until_us = min((part.order_us[-1] for part in parts if part.chunk.more and part.order_us), default=NO_BOUND)
    for part in parts:
        _add_part(part, until_us, read)
    read.records.sort(key=TIME_AND_PHASE)
    return read


def _paired(chunks: Mapping[LogFile, Chunk], read: DirectoryRead) -> list[DecodedLines] | None:
    """Add the calls that come paired, and give the lines left over; None where none do."""
    new = pair_new_session(chunks, read.session)
    if new is None:
        return None
    read.paired = new.calls
    for file in new.paired_files:
        read.lines[file.source, LineResult.COUNTED] += len(new.calls.call_ids)
    return new.others


def _add_part(part: DecodedLines, until_us: int, read: DirectoryRead) -> None:
    source, chunk, count = part.file.source, part.chunk, part.count_until(until_us)
    read.more |= count < len(part.lines)
    read.records += part.timed(count, read.lines)
    offset = chunk.end if count == len(part.lines) else chunk.offset_after(part.lines[:count])
    read.lines[source, LineResult.MALFORMED] += chunk.torn
    read.bytes_read[source] += chunk.bytes_read if chunk.array else offset - chunk.start
    read.positions.append((part.file, position_at(part.file, chunk, offset)))
