"""A log that grows, shrinks and is replaced."""

from pathlib import Path

from exporter.sources.files import LogFile, log_file
from exporter.sources.lines import Chunk, position_at, read_chunk
from exporter.sources.positions import Position

A, B, C = b'{"a":1}', b'{"b":22}', b'{"c":333}'


class Log:
    """A log with the position up to which it has been read."""

    def __init__(self, directory: Path, content: bytes = b"", name: str = "events.jsonl") -> None:
        self.path = directory / name
        self.path.write_bytes(content)
        self.position = Position()

    @property
    def file(self) -> LogFile:
        known = (str(self.path.parent), self.path.name)
        return log_file(*known) or LogFile(*known, 0, 0, 0, 0)

    def append(self, content: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(content)

    def next_chunk(self) -> Chunk | None:
        chunk = read_chunk(self.file, self.position)
        if chunk:
            self.position = position_at(self.file, chunk, chunk.end)
        return chunk

    def new(self) -> list[bytes]:
        """Read the new lines, without blank ones."""
        found = []
        while chunk := self.next_chunk():
            found += [line for line in chunk.lines() if line.strip()]
        return found
