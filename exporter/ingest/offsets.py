"""The offsets up to which files have been read: in the ledger, where the exporter commits them, or in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from exporter.sources.changed_files import changed_files
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.positions import Position


class Offsets(Protocol):
    """The offsets that `follow` reads from and updates."""

    def unread(self, directory: str, files: Iterable[LogFile], /) -> dict[LogFile, Position]:
        """The files of a directory that have changed since they were read, with the positions to resume at."""

    def advance(self, file: LogFile, position: Position, /, *, more: bool) -> None:
        """Record the position up to which a file was read; with `more`, some of its content may be left."""


class MemoryOffsets:
    """The offsets of one group in memory.

    `written_us` is its last write; `lost` is True if a file that was read has shrunk or vanished. Files without a write
    since `since_us()` are never read.
    """

    __slots__ = ("_known", "_listed", "_since_us", "lost", "written_us")

    def __init__(self, since_us: Callable[[], int] = lambda: 0) -> None:
        self.written_us = 0
        self.lost = False
        self._known: dict[str, dict[str, KnownFile]] = {}
        self._listed: dict[str, list[LogFile]] = {}
        self._since_us = since_us

    @property
    def listed(self) -> list[LogFile]:
        """All files as they were when they were last looked at."""
        return [file for files in self._listed.values() for file in files]

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files of a directory that have changed since they were read, with the positions to resume at."""
        files, known = list(files), self._known.get(directory, {})
        self._listed[directory] = files
        if files and len(files) == len(known) and all(_is_unchanged(file, known) for file in files):
            return {}
        sizes = {file.name: file.size for file in files}
        self.lost |= any(sizes.get(name, -1) < read.position.offset for name, read in known.items())
        self.written_us = max(self.written_us, *(file.modified_ns // 1000 for file in files), 0)
        since_ns = self._since_us() * 1000
        return changed_files((file for file in files if file.modified_ns >= since_ns), known)

    def advance(self, file: LogFile, position: Position, *, more: bool) -> None:
        """Record the position up to which a file was read; with `more`, some of its content may be left."""
        known = self._known.setdefault(file.directory, {})
        known[file.name] = KnownFile.read_to(file, position, more=more)


def _is_unchanged(file: LogFile, known: Mapping[str, KnownFile]) -> bool:
    read = known.get(file.name)
    return read is not None and read.file == file
