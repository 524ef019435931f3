"""Files that have been read, and the detection of those that have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from exporter.sources.files import LogFile
from exporter.sources.lines import Position

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


def changed_files(files: Iterable[LogFile], known: Mapping[str, KnownFile]) -> dict[LogFile, Position]:
    """The new and changed files of one directory with the positions to resume at; rotated ones are found by inode."""
    if not known:
        return dict.fromkeys(files, Position())
    by_inode = {(k.file.inode, k.file.device): k.position for k in known.values()}
    by_name = {name: k.position for name, k in known.items()}
    return {
        file: by_inode.get((file.inode, file.device)) or by_name.get(file.name) or Position()
        for file in files
        if file.name not in known or known[file.name].file != file
    }
