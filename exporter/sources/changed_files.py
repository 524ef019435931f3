"""Where to resume files that have changed since they were read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress

from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile, is_unrotated, unread_files, unrotated
from exporter.sources.lines import continues
from exporter.sources.positions import Position


def changed_files(files: Iterable[LogFile], known: Mapping[str, KnownFile]) -> dict[LogFile, Position]:
    """The new and changed files of one directory with the positions to resume at."""
    changed = unread_files(files, known)
    positions = {file: known[file.name].position for file in changed if _is_same(file, known.get(file.name))}
    if known and len(positions) < len(changed):
        alike = _by_inode_and_name(known)
        for file in changed:
            if file not in positions:
                positions[file] = _resume_at(file, known.get(file.name), alike)
    return {file: positions.get(file, Position()) for file in changed}


def _is_same(file: LogFile, known: KnownFile | None) -> bool:
    """Whether a file was changed in place. A rotated one may be another in an inode that became free."""
    return (
        known is not None
        and (file.inode, file.device) == (known.file.inode, known.file.device)
        and is_unrotated(file.name)
    )


def _by_inode_and_name(known: Mapping[str, KnownFile]) -> Mapping[object, list[KnownFile]]:
    """The files that were read by inode, and by name without the number of a rotated file."""
    found: dict[object, list[KnownFile]] = defaultdict(list)
    for read in known.values():
        found[read.file.inode, read.file.device].append(read)
        found[unrotated(read.file.name)].append(read)
    return found


def _resume_at(file: LogFile, own: KnownFile | None, alike: Mapping[object, list[KnownFile]]) -> Position:
    """The first position whose preceding content the file still has, and its start if there is none.

    That of its own name takes precedence: the inode of a removed file is used again for any other. A file of another
    name with the same inode was renamed, one with the same name but for a number was copied and truncated.
    """
    read = [*([own] if own else ()), *alike[file.inode, file.device], *alike[unrotated(file.name)]]
    positions = list(dict.fromkeys(known.position for known in read if known.position.offset))
    if len(positions) > 1:
        with suppress(OSError):  # which reading it reports
            positions = [position for position in positions if continues(file, position)]
    return next(iter(positions), Position())  # reading it compares the content again
