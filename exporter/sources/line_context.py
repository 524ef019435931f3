"""What the lines before a place in a transcript say about it: for lines that have no time or model of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from exporter.model.regular_files import open_regular
from exporter.sources.files import LogFile
from exporter.sources.lines import Chunk
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_authors import TranscriptFile
from exporter.sources.transcript_lines import TranscriptLine, decode_line

CONTEXT_BYTES = 256 << 10  # of the file before a chunk
CONTEXT_LINES = 64
FIRST_LINES = 16


class LineContext:
    """The lines before others in a chunk, and those before the chunk itself."""

    def __init__(self, log: LogFile, chunk: Chunk, file: TranscriptFile) -> None:
        self._log = log
        self._chunk = chunk
        self._file = file
        self._earlier: bytes | None = None

    def time_us(self, text: bytes) -> int:
        """The latest time of the lines before another; that of the file if they have none.

        Lines of parallel work are not always in the order of their times.
        """
        times = [time_us for line in self._lines(text) if (time_us := to_us(line.timestamp)) is not None]
        return max(times, default=self._file.written_us)

    def project_label(self, session_id: str) -> str:
        """The label of the project of a session."""
        return self._file.session_of(session_id).label

    def caller(self, text: bytes) -> TranscriptLine | None:
        """The last line of a message before another line."""
        return next((line for line in self._lines(text) if line.type == "assistant" and line.message), None)

    def _lines(self, text: bytes) -> Iterator[TranscriptLine]:
        """The last lines before another, newest first."""
        decoded = (decode_line(earlier) for earlier in islice(self._texts(text), CONTEXT_LINES))
        return (line for line in decoded if line)

    def _texts(self, text: bytes) -> Iterator[bytes]:
        yield from _backwards(self._chunk.data, self._chunk.data.find(text))
        if self._earlier is None:
            self._earlier = self._read_earlier()
        yield from _backwards(self._earlier, len(self._earlier))

    def _read_earlier(self) -> bytes:
        if self._chunk.array:
            return b""
        start = max(0, self._chunk.start - CONTEXT_BYTES)
        return _read(self._log, start, self._chunk.start)


def first_time_us(log: LogFile, chunk: Chunk) -> int:
    """The first time in the file of a chunk; 0 if its first lines have none. Raises OSError if it cannot be read."""
    if chunk.array:
        return 0
    data = _read(log, 0, min(chunk.start, CONTEXT_BYTES)) if chunk.start else chunk.data
    lines = map(decode_line, islice(_forwards(data), FIRST_LINES))
    return next((time_us for line in lines if line and (time_us := to_us(line.timestamp))), 0)


def _read(log: LogFile, start: int, end: int) -> bytes:
    descriptor = open_regular(log.path)
    try:
        return os.pread(descriptor, end - start, start)
    finally:
        os.close(descriptor)


def _forwards(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end


def _backwards(data: bytes, end: int) -> Iterator[bytes]:
    """The lines before an offset, newest first."""
    while end > 0:
        start = data.rfind(b"\n", 0, end - 1) + 1
        yield data[start:end]
        end = start
