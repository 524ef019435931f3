"""The lines of one chunk of a hook log, decoded one by one into records with a time to order them by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import NamedTuple

from exporter.model.records import HookRecord, LineResult, Phase
from exporter.sources.files import LogFile
from exporter.sources.formats import HookLine
from exporter.sources.hook_records import MalformedLineError, decode_line, read_record
from exporter.sources.lines import BOM, Chunk, digest
from exporter.sources.payload_events import payload_event
from exporter.sources.salvage import salvaged_lines


class TimedRecord(NamedTuple):
    """A record with the time that orders it; `key` identifies its line if only that can show a repetition."""

    order_us: int
    phase: Phase
    record: HookRecord
    key: str
    source: str
    seen_us: int


@dataclass(slots=True)
class DecodedLines:
    """Lines with their records and the times that order them; a chunk is read once its last line is.

    `left_out` are lines that count as malformed, whatever they are.
    """

    file: LogFile
    chunk: Chunk
    session: str
    phase: Phase
    event: str
    lines: list[bytes]
    is_json: list[bool]
    records: list[HookRecord | None]
    order_us: list[int]
    left_out: Set[bytes] = frozenset()

    def count_until(self, until_us: int) -> int:
        """The number of lines without the trailing ones that are later than `until_us`."""
        count = len(self.lines)
        while count and self.order_us[count - 1] > until_us:
            count -= 1
        return count

    def timed_records(self, count: int, results: Counter[tuple[str, LineResult]]) -> Iterator[TimedRecord]:
        """The records of the first `count` lines; lines without a record are counted in `results`."""
        source, seen_us = self.file.source, self.file.written_us
        for line, is_json, record, order_us in zip(
            self.lines[:count], self.is_json, self.records, self.order_us, strict=False
        ):
            if self.left_out and line in self.left_out:
                results[source, LineResult.MALFORMED] += 1
            elif record is not None:
                yield TimedRecord(order_us, record.phase, record, _key(line, record), source, seen_us)
            elif is_json:
                results[source, LineResult.IGNORED] += 1
            else:
                yield from self._salvaged_records(line, order_us, results)

    def _salvaged_records(
        self, line: bytes, order_us: int, results: Counter[tuple[str, LineResult]]
    ) -> Iterator[TimedRecord]:
        """The records of the whole lines in a line that is not JSON."""
        source, seen_us = self.file.source, self.file.written_us
        lines, is_torn = salvaged_lines(line)
        results[source, LineResult.MALFORMED] += is_torn
        for text, decoded in lines:
            record = read_record(decoded, self.phase, self.session, self.event)
            if record is None:
                results[source, LineResult.IGNORED] += 1
            else:
                time_us = order_us if record.time_us is None else record.time_us
                yield TimedRecord(time_us, record.phase, record, _key(text, record), source, seen_us)


def decode_chunk(
    file: LogFile, chunk: Chunk, session: str, phase: Phase | None = None, left_out: Set[bytes] = frozenset()
) -> DecodedLines:
    """Decode all lines of a chunk but those that are left out; `phase` overrides what the file's name implies."""
    lines = chunk.lines()
    if lines and not lines[-1]:
        lines.pop()
    return decode_lines(file, chunk, lines, session, phase, left_out)


def decode_lines(
    file: LogFile,
    chunk: Chunk,
    lines: list[bytes],
    session: str,
    phase: Phase | None = None,
    left_out: Set[bytes] = frozenset(),
) -> DecodedLines:
    """Decode some lines of a chunk whose other lines have already been read."""
    phase, event = (file.phase, file.event) if phase is None else (phase, "")
    records: list[HookRecord | None] = [None] * len(lines)
    if phase is Phase.EVENT and not left_out:
        records = [*map(payload_event, lines)]
    is_json = [True] * len(lines)
    for number in [number for number, record in enumerate(records) if record is None]:
        try:
            decoded = _decode_one(lines[number])
            is_json[number] = decoded is not None
            records[number] = read_record(decoded, phase, session, event) if decoded else None
        except Exception:  # that may be why the line is left out; if not, its time still orders the others
            if lines[number] not in left_out:
                raise
    return DecodedLines(file, chunk, session, phase, event, lines, is_json, records, _order(records), left_out)


def _order(records: list[HookRecord | None]) -> list[int]:
    """The time of each record; one without a time takes that of the record before it."""
    order_us, last_us = [], 0
    for record in records:
        if record is not None and record.time_us is not None:
            last_us = record.time_us
        order_us.append(last_us)
    return order_us


def _decode_one(line: bytes) -> HookLine | None:
    try:
        return decode_line(line.removeprefix(BOM))
    except MalformedLineError:
        return None


def _key(line: bytes, record: HookRecord) -> str:
    """A key by which a repeated line without a call id is recognized; lines without a time may legitimately repeat."""
    return (
        "=" + digest(line.removeprefix(BOM).strip()).hex() if record.time_us is not None and not record.call_id else ""
    )
