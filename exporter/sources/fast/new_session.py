"""The entry point of the fast path: pairs the calls of a session that was never counted before.

It accepts only clear cases: one file of starts and one of ends, each in one of `FORMATS`. Lines without a counterpart
are decoded on the plain path, and a session with anything unusual is left to that path as a whole. Both paths give the
same numbers; a test compares them on synthetic logs of every kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from exporter.model.records import HookRecord, Phase
from exporter.sources.decoded_lines import DecodedLines, decode_chunk, decode_lines
from exporter.sources.fast.calls import pair_fast
from exporter.sources.fast.lines import decode_starts_and_ends
from exporter.sources.files import LogFile
from exporter.sources.lines import Chunk
from exporter.sources.paired_calls import PairedCalls


class NewSession(NamedTuple):
    """Paired calls, the two files that contain them, and all other lines."""

    calls: PairedCalls
    paired_files: tuple[LogFile, LogFile]
    others: list[DecodedLines]


def pair_new_session(chunks: Mapping[LogFile, Chunk], session: str) -> NewSession | None:
    """Pair the session's calls; None if the plain path might give another result."""
    files = _start_and_end(chunks)
    lines = decode_starts_and_ends(*(chunks[file].data for file in files)) if files else None
    events = _events(chunks, session) if lines else None
    if files is None or lines is None or events is None:
        return None
    records = [record for part in events for record in part.records if record]
    paired = pair_fast(*lines, records, session)
    if paired is None:
        return None
    lone = [
        _lone_lines(file, chunks[file], numbers, session)
        for file, numbers in zip(files, (paired.lone_starts, paired.lone_ends), strict=True)
    ]
    return NewSession(paired.calls, files, [*lone, *events])


def _start_and_end(chunks: Mapping[LogFile, Chunk]) -> tuple[LogFile, LogFile] | None:
    """The file of starts and the file of ends; None unless there is exactly one of each, read whole and by line.

    The lines of a file of failures need not report that they failed.
    """
    starts = [file for file in chunks if file.phase is Phase.START]
    ends = [file for file in chunks if file.phase is Phase.END]
    if (
        len(starts) != 1
        or len(ends) != 1
        or ends[0].event
        or any(chunk.more or chunk.array for chunk in chunks.values())
    ):
        return None
    return starts[0], ends[0]


def _events(chunks: Mapping[LogFile, Chunk], session: str) -> list[DecodedLines] | None:
    """The other files; None if one is empty or contains a line that is damaged or of another session."""
    parts = [decode_chunk(file, chunk, session) for file, chunk in chunks.items() if file.phase is Phase.EVENT]
    usual = all(part.records and all(_is_of(record, session) for record in part.records) for part in parts)
    return parts if usual else None


def _is_of(record: HookRecord | None, session: str) -> bool:
    return record is not None and record.session == session


def _lone_lines(file: LogFile, chunk: Chunk, numbers: list[int], session: str) -> DecodedLines:
    lines = chunk.lines() if numbers else []
    return decode_lines(file, chunk, [lines[number] for number in numbers], session)
