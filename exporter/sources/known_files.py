"""Files that were read before, and which of them have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from exporter.sources.files import LogFile
from exporter.sources.lines import Position

IN_PART = -1  # no file has this size, so one that was read in part is always looked at again


class KnownFile(msgspec.Struct, frozen=True, gc=False):
    """A file as it was when it was read, and how far that was."""

    file: LogFile
    position: Position

    @classmethod
    def read_to(cls, file: LogFile, position: Position, *, more: bool) -> KnownFile:
        """A file just read; `more` says that some of what it then held may be left."""
        in_part = more and position.offset < file.size
        return cls(replace(file, size=IN_PART) if in_part else file, position)


def changed_files(files: Iterable[LogFile], known: Mapping[str, KnownFile]) -> dict[LogFile, Position]:
    """The files of one directory that are new or changed, and where to read on; a rotated one is found by its inode."""
    if not known:
        return dict.fromkeys(files, Position())
    by_inode = {(k.file.inode, k.file.device): k.position for k in known.values()}
    by_name = {name: k.position for name, k in known.items()}
    return {
        file: by_inode.get((file.inode, file.device)) or by_name.get(file.name) or Position()
        for file in files
        if file.name not in known or known[file.name].file != file
    }
