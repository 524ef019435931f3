"""Files that have been read, and which ones have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from exporter.sources.files import LogFile
from exporter.sources.log_content import COMPRESSED_SUFFIX
from exporter.sources.positions import Position

PARTLY_READ = -1  # no file has this size, so a partly read one always counts as changed


class KnownFile(msgspec.Struct, frozen=True, gc=False):
    """A file in the state in which it was read, and the position up to which it was read."""

    file: LogFile
    position: Position

    @classmethod
    def read_to(cls, file: LogFile, position: Position, *, more: bool) -> KnownFile:
        """A file that was just read; with `more`, some of its content may be left."""
        is_partly_read = more and position.offset < file.size
        return cls(replace(file, size=PARTLY_READ) if is_partly_read else file, position)


def unread_files(files: Iterable[LogFile], known: Mapping[str, KnownFile]) -> list[LogFile]:
    """The new and changed files of one directory."""
    return [file for file in files if file.name not in known or known[file.name].file != file]


def by_directory(files: Iterable[LogFile]) -> dict[str, list[LogFile]]:
    """The files of each directory."""
    found: dict[str, list[LogFile]] = {}
    for file in files:
        found.setdefault(file.directory, []).append(file)
    return found


def is_unrotated(name: str) -> bool:
    """Whether a name is not that of a rotated file."""
    return name == unrotated(name)


def unrotated(name: str) -> str:
    """The name without the number of a rotated file, which may be compressed."""
    return name.removesuffix(COMPRESSED_SUFFIX).rstrip("0123456789").removesuffix(".")
