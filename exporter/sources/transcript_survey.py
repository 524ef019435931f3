"""A look at transcripts before they are read: it decides to whom their messages belong, whatever is read first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from msgspec.structs import replace

from exporter.model.records import NO_PROJECT, Project
from exporter.model.sessions import TranscriptSession
from exporter.model.text import path_text
from exporter.sources.files import LogFile
from exporter.sources.projects import UNKNOWN_PROJECT, is_named_after, repository, start_directory
from exporter.sources.transcript_authors import SessionOf
from exporter.sources.transcript_heads import Head, read_head, working_directories

Decided = Callable[[Iterable[str]], Mapping[str, TranscriptSession]]


class SurveyedFile(NamedTuple):
    """A transcript in or below a project's directory, and its session; the first lines of a branch are copies."""

    file: LogFile
    directory: str
    session_id: str
    is_branch: bool


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of surveyed transcripts, of which `new` are to be remembered, and the labels of projects by path."""

    known: Mapping[str, TranscriptSession] = field(default_factory=dict)
    new: Mapping[str, TranscriptSession] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    decided: Decided = lambda _: {}

    def in_order(self, files: Iterable[SurveyedFile]) -> list[SurveyedFile]:
        """The files in the order in which their sessions began, so that most copies are read after the original.

        Sub-agents come first: the last line of a process, in the session's own transcript, also ends their open calls.
        """
        return sorted(files, key=self._sort_key)

    def of_lines(self, surveyed: SurveyedFile) -> SessionOf:
        """Finds the session of each line in a file; lines copied from others may name one that has no file any more."""
        own = self.known[surveyed.session_id]

        @cache
        def session_of(session_id: str) -> TranscriptSession:
            found = self.known.get(session_id) or self.decided([session_id]).get(session_id)
            found = found or replace(own, session_id=session_id)
            return replace(found, label=self.labels.get(found.project, UNKNOWN_PROJECT))

        return session_of

    def _sort_key(self, surveyed: SurveyedFile) -> tuple[bool, int, str, bool, str]:
        file, session = surveyed.file, self.known[surveyed.session_id]
        is_own = file.directory == surveyed.directory
        return surveyed.is_branch, session.born_us, session.session_id, is_own, file.path


class Survey:
    """Finds the sessions of transcripts. Those that `decided` returns were decided earlier.

    `known_paths` are projects that other logs name: a directory may be named after one that none of its lines has.
    """

    def __init__(self, decided: Decided = lambda _: {}, known_paths: Iterable[str] = ()) -> None:
        self._new: dict[str, _Found] = {}
        self._known: dict[str, TranscriptSession] = {}
        self._decided = decided
        self._known_paths = known_paths

    def add(self, directory: str, files: Iterable[LogFile]) -> list[SurveyedFile]:
        """Look at transcripts in and below the directory of a project."""
        heads: dict[LogFile, Head] = {}
        of_session: dict[str, list[SurveyedFile]] = {}
        for file in sorted(files, key=lambda file: file.directory != directory):
            session_id, is_branch = file.directory[len(directory) + 1 :].partition(os.sep)[0], False
            if session_id not in of_session:  # otherwise it is a sub-agent of a session whose own transcript is here
                head = heads[file] = _head(file)
                session_id, is_branch = head.session, head.is_branch
            of_session.setdefault(session_id, []).append(SurveyedFile(file, directory, session_id, is_branch))
        self._known |= self._decided(of_session)
        self._decide(directory.rpartition(os.sep)[2], heads)
        return [file for files in of_session.values() for file in files]

    def times(self) -> list[tuple[str, int]]:
        """The paths of projects, with the beginnings of the new sessions in them."""
        return [(found.project.path, found.born_us) for found in self._new.values() if found.project.path]

    def sessions(self, labels: Mapping[str, str]) -> Sessions:
        """All sessions; those that report no directory yet are not new. `labels` are those of projects, by path."""
        found = {
            name: TranscriptSession(name, session.project.path, session.born_us) for name, session in self._new.items()
        }
        new = {name: session for name, session in found.items() if session.project}
        return Sessions(found | self._known, new, labels, self._decided)

    def _decide(self, name: str, heads: Mapping[LogFile, Head]) -> None:
        """Decide what has not been decided about the sessions in the transcript directory with this name."""
        undecided = {file: head for file, head in heads.items() if head.session not in self._known}
        for file, project in self._projects(name, undecided).items():
            found, session_id = _Found(project, heads[file].first_us), heads[file].session
            self._new[session_id] = found.merged(self._new.get(session_id, found))

    def _projects(self, name: str, heads: Mapping[LogFile, Head]) -> dict[LogFile, Project]:
        """The project of each file: the directory after which that of the transcripts is named, if any line has it."""
        paths = {file: path for file, head in heads.items() if (path := start_directory(head.cwd, name))}
        found = {file: Project(repository(path), is_certain=True) for file, path in paths.items()}
        others = [file for file in heads if file not in found]
        shared = self._shared(name, found.values(), others) if others else ""
        return found | {file: Project(shared or _normal(heads[file].cwd), is_certain=False) for file in others}

    def _shared(self, name: str, found: Iterable[Project], others: Iterable[LogFile]) -> str:
        """The project of a transcript directory, from other files, other logs, or any line; empty if none names it."""
        known = min(found, default=NO_PROJECT).path
        known = known or min((path for path in self._known_paths if is_named_after(name, path)), default="")
        return known or next(filter(None, (_named_by_any_line(file, name) for file in others)), "")


class _Found(NamedTuple):
    """What the files of a session report about it."""

    project: Project
    born_us: int

    def merged(self, other: _Found) -> _Found:
        """What two files report, in whatever order they are read."""
        best = min((self, other), key=lambda one: (not one.project.is_certain, one.born_us, one.project.path))
        return _Found(best.project, min(self.born_us, other.born_us))


def _named_by_any_line(file: LogFile, name: str) -> str:
    """The project in a working directory of any line; a file that cannot be read is reported when it is counted."""
    with suppress(OSError):
        for cwd in working_directories(file):
            if path := start_directory(cwd, name):
                return repository(path)
    return ""


def _normal(cwd: str) -> str:
    return repository(cwd) if cwd else ""


def _head(file: LogFile) -> Head:
    """The head of a transcript, empty if it cannot be read, which is reported when it is counted.

    One that names no session has one of its own.
    """
    head = Head("", file.written_us, "", is_branch=False)
    with suppress(OSError):
        head = read_head(file)
    return head if head.session else head._replace(session=path_text(file.path))
