"""Files that have been read, and the detection of those that have changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from exporter.sources.files import LogFile
from exporter.sources.lines import Position, continues

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
    """The new and changed files of one directory with the positions to resume at. Raises OSError."""
    changed = [file for file in files if file.name not in known or known[file.name].file != file]
    if not changed or not known:
        return dict.fromkeys(changed, Position())
    alike: dict[object, list[KnownFile]] = defaultdict(list)
    for other in known.values():
        alike[other.file.device, other.file.inode].append(other)
        alike[_unrotated(other.file.name)].append(other)
    return {
        file: _resume_at(file, known.get(file.name), alike[file.device, file.inode] + alike[_unrotated(file.name)])
        for file in changed
    }


def _resume_at(file: LogFile, own: KnownFile | None, alike: list[KnownFile]) -> Position:
    """The first position whose preceding content the file still has, and its start if there is none.

    That of its own name takes precedence: the inode of a removed file is used again for any other. A file of another
    name with the same inode was renamed, one with the same name but for a number was copied and truncated.
    """
    read = [*([own] if own else ()), *alike]
    positions = list(dict.fromkeys(known.position for known in read if known.position.offset))
    if len(positions) > 1:
        positions = [position for position in positions if continues(file, position)]
    return next(iter(positions), Position())  # reading it compares the content again


def _unrotated(name: str) -> str:
    """The name without the number of a rotated file."""
    return name.rstrip("0123456789").removesuffix(".")
