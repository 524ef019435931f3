"""Following sessions: what is new in the directories of each, read a bounded part at a time.

Everything that reads hook logs does it here: the exporter, the live sessions, the sessions reader, the backfill.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from exporter.ingest.offsets import MemoryOffsets, Offsets
from exporter.model.records import HookRecord, Phase
from exporter.sources.directory_reader import DirectoryRead, read_directory
from exporter.sources.files import LogFile, log_file, log_files, printable, session_directories
from exporter.sources.lines import Position

# Called with each directory that was looked at, and why it could not be read, or None.
Report = Callable[[str, OSError | None], None]


class SessionGroup(NamedTuple):
    """Directories that are read together: those of one name in every root, or a root by itself."""

    directories: tuple[str, ...]

    @property
    def session(self) -> str:
        """The session of the lines that name none."""
        return printable(self.directories[0].rpartition(os.sep)[2])


def session_groups(roots: Sequence[str], directories: Iterable[str] | None = None) -> Iterator[SessionGroup]:
    """The groups of these directories; of all that there are below the roots, where none are named."""
    if directories is None:
        directories = chain.from_iterable(map(session_directories, roots))
    names: dict[str, None] = {}
    for directory in directories:
        parent, _, name = directory.rpartition(os.sep)
        if directory in roots:
            yield SessionGroup((directory,))
        elif parent in roots:
            names[name] = None
    yield from (named_group(roots, name) for name in names)


def named_group(roots: Iterable[str], name: str) -> SessionGroup:
    """The directories of one name."""
    return SessionGroup(tuple(f"{root}{os.sep}{name}" for root in roots))


def follow(
    group: SessionGroup, offsets: Offsets, report: Report, is_new: Callable[[], bool] = lambda: False
) -> Iterator[DirectoryRead]:
    """What is new in a group; each part is to be counted before the next is asked for.

    `is_new` says, before each part, whether nothing of the group's session was ever counted. A directory that cannot
    be read costs itself alone; `report` hears of it.
    """
    changed: dict[LogFile, Position] = {}
    for directory in group.directories:
        try:
            changed |= offsets.unread(directory, log_files(directory))
            report(directory, None)
        except OSError as error:
            report(directory, error)
    try:
        yield from _read_on(changed, group.session, offsets, is_new)
    except OSError as error:
        report(group.directories[0], error)


def read_log(path: str, phase: Phase) -> list[HookRecord]:
    """All records of one file of any name, in the order of time; none where it does not exist."""
    directory, _, name = path.rpartition(os.sep)
    file = log_file(directory or os.curdir, name)
    files = {file: Position()} if file else {}
    reads = _read_on(files, directory.rpartition(os.sep)[2], MemoryOffsets(), phase=phase)
    return [timed.record for read in reads for timed in read.records]


def _read_on(
    changed: Mapping[LogFile, Position],
    session: str,
    offsets: Offsets,
    is_new: Callable[[], bool] = lambda: False,
    phase: Phase | None = None,
) -> Iterator[DirectoryRead]:
    while changed:
        read = read_directory(changed, session, is_new=is_new(), phase=phase)
        for file, position in read.positions:
            offsets.advance(file, position, more=read.more)
        yield read
        changed = dict(read.positions) if read.more else {}
