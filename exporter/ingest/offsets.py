"""How far files have been read: in the ledger, where the exporter commits it, or in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile, changed_files
from exporter.sources.lines import Position


class Offsets(Protocol):
    """What `follow` asks and reports."""

    def unread(self, directory: str, files: Iterable[LogFile], /) -> dict[LogFile, Position]:
        """The files of a directory that have changed since they were read, and where to read on."""

    def advance(self, file: LogFile, position: Position, /, *, more: bool) -> None:
        """Note that a file was read up to a position; with `more`, some of what it then held may be left."""


class MemoryOffsets:
    """Offsets that end with the process.

    `written_us` is when each directory was last written to; `lost` says that something that was read is gone. Files
    not written to since `since_us()` are never read.
    """

    def __init__(self, since_us: Callable[[], int] = lambda: 0) -> None:
        self.written_us: dict[str, int] = {}
        self.lost = False
        self._known: dict[str, dict[str, KnownFile]] = {}
        self._since_us = since_us

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files of a directory that have changed since they were read, and where to read on."""
        files = list(files)
        sizes = {file.name: file.size for file in files}
        known = self._known.get(directory, {})
        self.lost |= any(sizes.get(name, -1) < read.position.offset for name, read in known.items())
        if files:
            self.written_us[directory] = max(file.modified_ns // 1000 for file in files)
        since_ns = self._since_us() * 1000
        return changed_files((file for file in files if file.modified_ns >= since_ns), known)

    def advance(self, file: LogFile, position: Position, *, more: bool) -> None:
        """Note that a file was read up to a position; with `more`, some of what it then held may be left."""
        known = self._known.setdefault(file.directory, {})
        known[file.name] = KnownFile.read_to(file, position, more=more)
