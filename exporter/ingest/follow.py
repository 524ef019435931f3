"""Follows sessions: reads the new records in their directories in parts of bounded size.

All readers of hook logs use it: the exporter, the live sessions, the hooks reader, the backfill.
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

# Called with each directory that was listed, and the error if it could not be read.
Report = Callable[[str, OSError | None], None]


class SessionGroup(NamedTuple):
    """Directories that are read together: those with one name in all roots, or a root itself."""

    directories: tuple[str, ...]

    @property
    def session(self) -> str:
        """The session of lines that name no session."""
        return printable(self.directories[0].rpartition(os.sep)[2])


def session_groups(roots: Sequence[str], directories: Iterable[str] | None = None) -> Iterator[SessionGroup]:
    """The groups of these directories; by default, of all directories below the roots."""
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
    """The group of the directories with one name in all roots."""
    return SessionGroup(tuple(f"{root}{os.sep}{name}" for root in roots))


def follow(
    group: SessionGroup, offsets: Offsets, report: Report, is_new: Callable[[], bool] = lambda: False
) -> Iterator[DirectoryRead]:
    """Read the new records of a group; each part must be counted before the next is requested.

    `is_new` is asked before each part whether the group's session was never counted. A directory that cannot be read is
    passed to `report`; the others are still read.
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
    """All records of one file with any name, in chronological order; empty if it does not exist."""
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
