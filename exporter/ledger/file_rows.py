"""The rows of files that were read."""

from __future__ import annotations

import os

import msgspec

from exporter.model.text import path_text
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.positions import Position


class FileRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `files`. A name that is not UTF-8 is stored as bytes."""

    folder: str
    name: str | bytes
    device: int
    inode: int
    size: int
    modified_ns: int
    position: int
    tail: bytes

    @classmethod
    def of(cls, known: KnownFile) -> FileRow:
        """The row of a file."""
        file, position = known.file, known.position
        return cls(
            path_text(file.directory), _stored_name(file.name), file.device, file.inode, file.size, file.modified_ns,
            position.offset, position.tail,
        )  # fmt: skip

    def known_file(self, directory: str) -> KnownFile:
        """The file in its directory; the row itself has only the printable form of the path."""
        file = LogFile(directory, os.fsdecode(self.name), self.device, self.inode, self.size, self.modified_ns)
        return KnownFile(file, Position(self.position, self.tail))


def _stored_name(name: str) -> str | bytes:
    return name if name == path_text(name) else os.fsencode(name)
