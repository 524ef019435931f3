"""Reads what is new in one transcript."""

from __future__ import annotations

from dataclasses import dataclass, field

from exporter.model.records import ApiMessage
from exporter.sources.api_messages import api_messages
from exporter.sources.files import LogFile
from exporter.sources.lines import Chunk, Position, position_at, read_chunk
from exporter.sources.transcript_files import TranscriptFile
from exporter.sources.transcript_lines import decode_line, marked_lines


@dataclass(slots=True)
class TranscriptRead:
    """The result of reading a transcript once."""

    chunk: Chunk
    position: Position
    malformed: int
    messages: list[ApiMessage] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """The number of lines read, including those that report nothing."""
        data = self.chunk.data
        return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))

    @property
    def bytes_read(self) -> int:
        """The number of bytes read."""
        return self.chunk.bytes_read

    @property
    def more(self) -> bool:
        """Whether more lines may follow in the file."""
        return self.chunk.more


def read_transcript(log: LogFile, position: Position, directory: str) -> TranscriptRead | None:
    """Read the new lines of a transcript in a project's directory; None if there are none. Raises OSError."""
    chunk = read_chunk(log, position)
    if chunk is None:
        return None
    read, file = TranscriptRead(chunk, position_at(log, chunk, chunk.end), chunk.torn), TranscriptFile(log, directory)
    for text in marked_lines(chunk.data):
        line = decode_line(text)
        if line is None:
            read.malformed += 1
        else:
            read.messages += api_messages(line, text, file)
    return read
