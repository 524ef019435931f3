"""Follows sessions: reads the new records in their logs and transcripts in parts of bounded size.

All readers of hook logs use it: the exporter, the live sessions, the hooks reader, the backfill. Those that show
sessions read transcripts, too, with the same rules.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

from exporter.ingest.offsets import MemoryOffsets, Offsets
from exporter.model.records import HookRecord, Phase
from exporter.model.text import path_text
from exporter.sources.directory_reader import DirectoryRead, read_directory
from exporter.sources.files import LogFile, log_file, log_files, session_directories
from exporter.sources.known_files import by_directory
from exporter.sources.positions import Position
from exporter.sources.session_transcripts import session_transcripts
from exporter.sources.transcript_authors import SessionOf
from exporter.sources.transcript_survey import Survey, SurveyedFile
from exporter.sources.transcripts import TranscriptRead, Wanted, read_transcript

NO_TRANSCRIPTS: dict[str, tuple[str, ...]] = {}
# Called with each directory that was listed, and the error if it could not be read.
Report = Callable[[str, OSError | None], None]
LeaveOut = Callable[[Mapping[LogFile, Position], str], Set[bytes] | None]  # the lines of a session's files to leave out


class SessionGroup(NamedTuple):
    """What is read together: the directories with one name in all roots, or a root itself, and the transcripts.

    These are the paths, without their suffix, of the transcripts of the session with that name.
    """

    directories: tuple[str, ...]
    transcripts: tuple[str, ...] = ()

    @property
    def session(self) -> str:
        """The session of lines that name no session."""
        return path_text(next(chain(self.directories, self.transcripts), "").rpartition(os.sep)[2])


def session_groups(
    roots: Sequence[str],
    directories: Iterable[str] | None = None,
    transcripts: dict[str, tuple[str, ...]] = NO_TRANSCRIPTS,
) -> Iterator[SessionGroup]:
    """The groups of these directories (by default, of all directories below the roots) and transcripts."""
    if directories is None:
        directories = chain.from_iterable(map(session_directories, roots))
    names: dict[str, tuple[str, ...]] = {}
    for directory in directories:
        parent, _, name = directory.rpartition(os.sep)
        if directory in roots:
            yield SessionGroup((directory,))
        elif parent in roots:
            names[name] = ()
    yield from (named_group(roots, name, paths) for name, paths in (names | transcripts).items())


def named_group(roots: Iterable[str], name: str, transcripts: tuple[str, ...] = ()) -> SessionGroup:
    """The group of the directories with one name in all roots, and of the transcripts with that name."""
    return SessionGroup(tuple(f"{root}{os.sep}{name}" for root in roots), transcripts)


def group_files(group: SessionGroup, report: Report) -> Iterator[LogFile]:
    """All files of a group as they are now. A directory that cannot be read is passed to `report`."""
    for directory in group.directories:
        try:
            yield from log_files(directory)
        except OSError as error:
            report(directory, error)
    for path in group.transcripts:
        yield from session_transcripts(path, report)


def follow(
    group: SessionGroup,
    offsets: Offsets,
    report: Report,
    is_new: Callable[[], bool] = lambda: False,
    *,
    inputs: bool = False,
    leave_out: LeaveOut = lambda _files, _session: None,
) -> Iterator[DirectoryRead]:
    """Read the new records of a group; each part must be counted before the next is requested.

    `is_new` is asked before each part whether the group's session was never counted. With `inputs`, calls that only
    transcripts report have their inputs, too. Each directory is passed to `report`, with the first error in it if there
    is one, and so is each transcript that cannot be read; all others are still read. Lines of hook logs that
    `leave_out` returns count as malformed.
    """
    changed: dict[LogFile, Position] = {}
    errors: dict[str, OSError | None] = dict.fromkeys(group.directories)
    for directory in group.directories:
        try:
            changed |= offsets.unread(directory, log_files(directory))
        except OSError as error:
            errors[directory] = error
    for read in _read_on(changed, group.session, offsets, is_new, leave_out=leave_out):
        yield read
        for file, file_error in read.errors.items():
            errors[file.directory] = errors[file.directory] or file_error
    for directory, first_error in errors.items():
        report(directory, first_error)
    for path in group.transcripts:
        yield from _read_transcripts(path, offsets, report, Wanted.INPUTS if inputs else Wanted.RECORDS)


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
    leave_out: LeaveOut = lambda _files, _session: None,
) -> Iterator[DirectoryRead]:
    while changed:
        left_out = leave_out(changed, session)
        read = read_directory(changed, session, is_new=is_new(), phase=phase, left_out=left_out)
        for file, position in read.positions:
            offsets.advance(file, position, more=read.more)
        yield read
        changed = dict(read.positions) if read.more else {}


def _read_transcripts(path: str, offsets: Offsets, report: Report, wanted: Wanted) -> Iterator[DirectoryRead]:
    """Read the new records of a session's sub-agents and of its own transcript, whose last line ends their calls."""
    project, _, session = path.rpartition(os.sep)
    files = session_transcripts(path, report)
    files_of: dict[str, list[LogFile]] = {project: [], **by_directory(files)}  # so that a vanished file is missed
    unread: dict[LogFile, Position] = {}
    for directory, here in files_of.items():
        unread |= offsets.unread(directory, here)
    survey = Survey()
    surveyed = survey.add(project, files) if unread else []
    sessions = survey.sessions({})
    for one in sessions.in_order(one for one in surveyed if one.file in unread):
        try:
            for read in _read_transcript(one, unread[one.file], sessions.of_lines(one), offsets, wanted):
                yield DirectoryRead(path_text(session), read.timed_records(one.file), more=read.more)
        except OSError as error:
            report(one.file.path, error)


def _read_transcript(
    surveyed: SurveyedFile, position: Position, session_of: SessionOf, offsets: Offsets, wanted: Wanted
) -> Iterator[TranscriptRead]:
    while read := read_transcript(surveyed.file, position, surveyed.directory, session_of, wanted):
        position = read.position
        offsets.advance(surveyed.file, position, more=read.more)
        yield read
        if not read.more:
            break
