"""Reads the new records of all log files of one session, in chronological order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from operator import itemgetter

from exporter.model.records import LineResult, Phase
from exporter.sources.decoded_lines import DecodedLines, TimedRecord, decode_chunk
from exporter.sources.fast.new_session import pair_new_session
from exporter.sources.files import LogFile
from exporter.sources.lines import Chunk, position_at, read_chunk
from exporter.sources.paired_calls import PairedCalls
from exporter.sources.positions import Position

# The line of a call's start is written before that of its end, and the end of the turn after both. Read in this order,
# no file contains the end of a call whose start was written too late to be read.
READING_ORDER = (Phase.EVENT, Phase.END, Phase.START)
NO_BOUND = 1 << 62
TIME_AND_PHASE = itemgetter(0, 1)


@dataclass(slots=True)
class DirectoryRead:
    """The result of reading a session's files once; `more` remains. `paired` are calls without individual records.

    `malformed` has the files with malformed lines, by path, `errors` the error of each file that could not be read.
    """

    session: str
    records: list[TimedRecord] = field(default_factory=list)
    positions: list[tuple[LogFile, Position]] = field(default_factory=list)
    lines: Counter[tuple[str, LineResult]] = field(default_factory=Counter)
    bytes_read: Counter[str] = field(default_factory=Counter)
    paired: PairedCalls | None = None
    more: bool = False
    errors: dict[LogFile, OSError] = field(default_factory=dict)
    malformed: set[str] = field(default_factory=set)

    def by_session(self) -> dict[str, list[TimedRecord]]:
        """The records by the session that their lines name."""
        found: dict[str, list[TimedRecord]] = {}
        for timed in self.records:
            found.setdefault(timed.record.session, []).append(timed)
        return found


def read_directory(
    files: Mapping[LogFile, Position],
    session: str,
    *,
    is_new: bool = False,
    phase: Phase | None = None,
    left_out: Set[bytes] | None = None,
) -> DirectoryRead:
    """Read the new records of a session's files; one that cannot be read does not hold up the others.

    Of files larger than a chunk, records up to the earliest chunk end are read, the rest by the next call: so no end is
    read before its start, however large the files. If the session was never counted (`is_new`), most calls come paired.
    `phase` overrides the one that the files' names imply. With `left_out`, little
    is read at once, and these lines count as malformed.
    """
    ordered = sorted(files, key=lambda file: (READING_ORDER.index(file.phase), -len(file.name), file.name))
    read = DirectoryRead(session)
    chunks = _read_chunks(ordered, files, read, small=left_out is not None)
    read.more = any(chunk.more for chunk in chunks.values())
    # A renamed file without new lines is known by its new name from now on: another will have the old one.
    silent = [file for file in ordered if file not in chunks and file not in read.errors]
    read.positions += [(file, files[file]) for file in silent if files[file].offset]
    parts = _paired(chunks, read) if is_new and not read.errors else None
    if parts is None:
        parts = [decode_chunk(file, chunk, session, phase, left_out or frozenset()) for file, chunk in chunks.items()]
    until_us = min((part.order_us[-1] for part in parts if part.chunk.more and part.order_us), default=NO_BOUND)
    for part in parts:
        _add_part(part, until_us, read)
    read.records.sort(key=TIME_AND_PHASE)
    return read


def _read_chunks(
    ordered: Iterable[LogFile], positions: Mapping[LogFile, Position], read: DirectoryRead, *, small: bool
) -> dict[LogFile, Chunk]:
    chunks: dict[LogFile, Chunk] = {}
    for file in ordered:
        try:
            chunk = read_chunk(file, positions[file], small=small)
        except OSError as error:
            _note_error(file, error, read)
        else:
            chunks |= {file: chunk} if chunk else {}
    return chunks


def _paired(chunks: Mapping[LogFile, Chunk], read: DirectoryRead) -> list[DecodedLines] | None:
    """Add the calls that the fast path pairs and return the remaining lines; None if it does not apply."""
    new = pair_new_session(chunks, read.session)
    if new is None:
        return None
    read.paired = new.calls
    for file in new.paired_files:
        read.lines[file.source, LineResult.COUNTED] += len(new.calls.call_ids)
    return new.others


def _add_part(part: DecodedLines, until_us: int, read: DirectoryRead) -> None:
    source, chunk, count = part.file.source, part.chunk, part.count_until(until_us)
    offset = chunk.end if count == len(part.lines) else chunk.offset_after(part.lines[:count])
    try:
        position = position_at(part.file, chunk, offset)
    except OSError as error:  # it has just been removed, for example
        _note_error(part.file, error, read)
        return
    read.more |= count < len(part.lines)
    malformed_before = read.lines[source, LineResult.MALFORMED]
    read.records += part.timed_records(count, read.lines)
    read.lines[source, LineResult.MALFORMED] += chunk.torn
    if read.lines[source, LineResult.MALFORMED] > malformed_before:
        read.malformed.add(part.file.path)
    read.bytes_read[source] += chunk.bytes_read if chunk.array else offset - chunk.start
    read.positions.append((part.file, position))


def _note_error(file: LogFile, error: OSError, read: DirectoryRead) -> None:
    error.filename = file.path
    read.errors[file] = error
