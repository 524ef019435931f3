"""What is new in one directory of logs: its files read together, their records in the order in which they happened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

import msgspec

from exporter.model.records import HookRecord, LineResult, Phase
from exporter.sources.fast.calls import FastCalls, pair_fast
from exporter.sources.fast.lines import END_DECODERS, START_DECODERS, decode_fast
from exporter.sources.files import LogFile, log_file
from exporter.sources.hook_formats import DECODER, HookLine, MalformedLineError, decode_line, read_record, salvage
from exporter.sources.lines import BOM, Chunk, Position, digest, position_at, read_chunk

# An end's line is written after its start's, and a turn's after both. Read in this order, a file never holds
# the end of a call whose start was written too late to be seen.
READING_ORDER = (Phase.EVENT, Phase.END, Phase.START)
WHOLE_BATCH = 1 << 62
MOMENT = itemgetter(0, 1)


class TimedRecord(NamedTuple):
    """A record, the moment it is ordered by, and a key where only its text can tell it from a repetition."""

    order_us: int
    phase: Phase
    record: HookRecord
    key: str
    source: str
    seen_us: int


@dataclass(slots=True)
class DirectoryRead:
    """What one reading of a directory gave; `more` is waiting behind it. `fast` holds the calls that need no record."""

    records: list[TimedRecord] = field(default_factory=list)
    positions: list[tuple[LogFile, Position]] = field(default_factory=list)
    lines: Counter[tuple[str, LineResult]] = field(default_factory=Counter)
    bytes_read: Counter[str] = field(default_factory=Counter)
    fast: FastCalls | None = None
    more: bool = False


@dataclass(slots=True)
class _Decoded:
    """A chunk's lines side by side with what they hold, and the moment that each is ordered by."""

    file: LogFile
    chunk: Chunk
    lines: list[bytes]
    decoded: list[HookLine | None]
    records: list[HookRecord | None]
    order_us: list[int]
    session: str


def read_directory(files: Mapping[LogFile, Position], session: str, *, fresh: bool = False) -> DirectoryRead:
    """The new records of a directory's files. Raises OSError where a file cannot be read.

    Of files larger than a chunk, only what happened before the first of the chunks ends is taken; the rest comes with
    the next reading. So no end is read before its start, however large the files. Where nothing of the session was
    ever counted (`fresh`), most calls are paired on the fast path.
    """
    ordered = sorted(files, key=lambda file: (READING_ORDER.index(file.phase), -len(file.name), file.name))
    chunks = {file: chunk for file in ordered if (chunk := read_chunk(file, files[file]))}
    result = DirectoryRead()
    decoded = _take_fast(chunks, session, result) if fresh else None
    if decoded is None:
        decoded = [_decode(file, chunk, session) for file, chunk in chunks.items()]
    until_us = min((d.order_us[-1] for d in decoded if d.chunk.more and d.order_us), default=WHOLE_BATCH)
    result.more = any(d.chunk.more for d in decoded)
    for part in decoded:
        _take(part, until_us, result)
    result.records.sort(key=MOMENT)
    return result


def read_records(path: str, phase: Phase) -> list[HookRecord]:
    """All records of one file, whatever its name; none where it does not exist."""
    directory, _, name = path.rpartition(os.sep)
    file, position = log_file(directory or os.curdir, name), Position()
    result = DirectoryRead()
    while file and (chunk := read_chunk(file, position)):
        part = _decode(file, chunk, os.path.basename(directory), phase)  # noqa: PTH119 - texts throughout
        result.records += _timed(part, len(part.lines), result)
        position = position_at(file, chunk, chunk.end)
    return [timed.record for timed in result.records]


def _take_fast(chunks: Mapping[LogFile, Chunk], session: str, result: DirectoryRead) -> list[_Decoded] | None:
    """Take the calls that the fast path can, and give the events beside them; None where it can take none."""
    starts = [file for file in chunks if file.phase is Phase.START]
    ends = [file for file in chunks if file.phase is Phase.END]
    if len(starts) != 1 or len(ends) != 1 or any(chunk.more or chunk.array for chunk in chunks.values()):
        return None
    start, end = starts[0], ends[0]
    start_lines = decode_fast(chunks[start].data, START_DECODERS)
    end_lines = decode_fast(chunks[end].data, END_DECODERS) if start_lines else None
    if not start_lines or not end_lines:
        return None
    events = [_decode(file, chunk, session) for file, chunk in chunks.items() if file.phase is Phase.EVENT]
    if not all(part.records and all(_of(record, session) for record in part.records) for part in events):
        return None
    records = [record for part in events for record in part.records if record]
    calls = pair_fast(start_lines, end_lines, records, session)
    if calls is None:
        return None
    result.fast = calls
    for file, lone in ((start, calls.lone_starts), (end, calls.lone_ends)):
        _take_lone(file, chunks[file], lone, session, result)
        result.lines[file.source, LineResult.COUNTED] += len(calls.call_ids)
    return events


def _of(record: HookRecord | None, session: str) -> bool:
    return record is not None and record.session == session


def _take_lone(file: LogFile, chunk: Chunk, lone: list[int], session: str, result: DirectoryRead) -> None:
    """Take the lines that the fast path left, and count the whole chunk as read."""
    if lone:
        lines = chunk.lines()
        part = _decode_lines(file, chunk, [lines[number] for number in lone], session)
        for timed in _timed(part, len(lone), result):
            result.records.append(timed)
    result.bytes_read[file.source] += chunk.bytes_read
    result.positions.append((file, position_at(file, chunk, chunk.end)))


def _decode(file: LogFile, chunk: Chunk, session: str, phase: Phase | None = None) -> _Decoded:
    lines = chunk.lines()
    if lines and not lines[-1]:
        lines.pop()
    return _decode_lines(file, chunk, lines, session, phase)


def _decode_lines(
    file: LogFile, chunk: Chunk, lines: list[bytes], session: str, phase: Phase | None = None
) -> _Decoded:
    decoded = _decode_all(lines)
    phase = file.phase if phase is None else phase
    records = [None if line is None else read_record(line, phase, session) for line in decoded]
    order_us, last_us = [], 0
    for record in records:
        if record is not None and record.time_us is not None:
            last_us = record.time_us
        order_us.append(last_us)
    return _Decoded(file, chunk, lines, decoded, records, order_us, session)


def _decode_all(lines: list[bytes]) -> list[HookLine | None]:
    decode = DECODER.decode
    try:
        return [decode(line) for line in lines]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [_decode_one(line) for line in lines]


def _decode_one(line: bytes) -> HookLine | None:
    try:
        return decode_line(line.removeprefix(BOM))
    except MalformedLineError:
        return None


def _take(part: _Decoded, until_us: int, result: DirectoryRead) -> None:
    count = len(part.lines)
    while count and part.order_us[count - 1] > until_us:
        count -= 1
    result.more |= count < len(part.lines)
    result.records += _timed(part, count, result)
    source, chunk = part.file.source, part.chunk
    offset = chunk.end if count == len(part.lines) else chunk.offset_after(part.lines[:count])
    result.lines[source, LineResult.MALFORMED] += chunk.torn
    result.bytes_read[source] += chunk.bytes_read if chunk.array else offset - chunk.start
    result.positions.append((part.file, position_at(part.file, chunk, offset)))


def _timed(part: _Decoded, count: int, result: DirectoryRead) -> Iterator[TimedRecord]:
    """The records of the first lines; the lines that hold none are counted as what they are."""
    source, seen_us = part.file.source, part.file.modified_ns // 1000
    for line, decoded, record, order_us in zip(
        part.lines[:count], part.decoded, part.records, part.order_us, strict=False
    ):
        if record is None and decoded is None:
            record, order_us = _glued(line, part, order_us)  # noqa: PLW2901 - the record behind the bad line
            result.lines[source, LineResult.MALFORMED] += bool(line.strip())
        elif record is None:
            result.lines[source, LineResult.IGNORED] += 1
        if record is not None:
            yield TimedRecord(order_us, record.phase, record, _key(line, record), source, seen_us)


def _glued(line: bytes, part: _Decoded, order_us: int) -> tuple[HookRecord | None, int]:
    """The record of a whole line that stands behind a torn one, with no newline between."""
    whole = salvage(line)
    record = read_record(whole, part.file.phase, part.session) if whole else None
    return record, order_us if record is None or record.time_us is None else record.time_us


def _key(line: bytes, record: HookRecord) -> str:
    """What tells a repetition of a line without a call id; a line without a time may well stand twice."""
    return "=" + digest(line.strip()).hex() if record.time_us is not None and not record.call_id else ""
