"""The lines of one chunk of a hook log, decoded on the plain path: what each of them holds, and when it happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from exporter.model.records import HookRecord, LineResult, Phase
from exporter.sources.files import LogFile
from exporter.sources.formats import HookLine
from exporter.sources.hook_records import DECODER, MalformedLineError, decode_line, read_record, salvage
from exporter.sources.lines import BOM, Chunk, digest


class TimedRecord(NamedTuple):
    """A record, the time it is ordered by, and a key where only its text can tell it from a repetition."""

    order_us: int
    phase: Phase
    record: HookRecord
    key: str
    source: str
    seen_us: int


@dataclass(slots=True)
class DecodedLines:
    """Lines next to what they hold and the time that each is ordered by; with the last of them the chunk is read."""

    file: LogFile
    chunk: Chunk
    session: str
    phase: Phase
    lines: list[bytes]
    decoded: list[HookLine | None]
    records: list[HookRecord | None]
    order_us: list[int]

    def count_until(self, until_us: int) -> int:
        """The number of lines before the first trailing one that happened later."""
        count = len(self.lines)
        while count and self.order_us[count - 1] > until_us:
            count -= 1
        return count

    def timed(self, count: int, results: Counter[tuple[str, LineResult]]) -> Iterator[TimedRecord]:
        """The records of the first lines; lines that hold none are counted in `results`."""
        source, seen_us = self.file.source, self.file.modified_ns // 1000
        for line, decoded, record, order_us in zip(
            self.lines[:count], self.decoded, self.records, self.order_us, strict=False
        ):
            if record is None and decoded is None:
                record, order_us = self._salvaged(line, order_us)  # noqa: PLW2901 - the record behind the bad line
                results[source, LineResult.MALFORMED] += bool(line.strip())
            elif record is None:
                results[source, LineResult.IGNORED] += 1
            if record is not None:
                yield TimedRecord(order_us, record.phase, record, _key(line, record), source, seen_us)

    def _salvaged(self, line: bytes, order_us: int) -> tuple[HookRecord | None, int]:
        """The record of a whole line that follows a torn one with no newline between."""
        whole = salvage(line)
        record = read_record(whole, self.phase, self.session) if whole else None
        return record, order_us if record is None or record.time_us is None else record.time_us


def decode_chunk(file: LogFile, chunk: Chunk, session: str, phase: Phase | None = None) -> DecodedLines:
    """All lines of a chunk; `phase` is what they are where the file's name does not say so."""
    lines = chunk.lines()
    if lines and not lines[-1]:
        lines.pop()
    return decode_lines(file, chunk, lines, session, phase)


def decode_lines(
    file: LogFile, chunk: Chunk, lines: list[bytes], session: str, phase: Phase | None = None
) -> DecodedLines:
    """These lines of a chunk; the chunk's other lines have been read already."""
    decoded = _decode_all(lines)
    phase = file.phase if phase is None else phase
    records = [None if line is None else read_record(line, phase, session) for line in decoded]
    return DecodedLines(file, chunk, session, phase, lines, decoded, records, _order(records))


def _order(records: list[HookRecord | None]) -> list[int]:
    """The time of each record; one without a time has that of the record before it."""
    order_us, last_us = [], 0
    for record in records:
        if record is not None and record.time_us is not None:
            last_us = record.time_us
        order_us.append(last_us)
    return order_us


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


def _key(line: bytes, record: HookRecord) -> str:
    """Identifies a repetition of a line without a call id; a line without a time may well occur twice."""
    return "=" + digest(line.strip()).hex() if record.time_us is not None and not record.call_id else ""
