"""The labels of projects: the name of the directory, with as many of its parents as tell it from earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

import msgspec
from msgspec.structs import replace

from exporter.model.sessions import Session
from exporter.model.text import label_value
from exporter.sources.projects import names

Times = Iterable[tuple[str, int]]  # paths of projects, each with a time at which it existed


class KnownProject(msgspec.Struct, frozen=True, gc=False):
    """A project. Until it has a label, the sessions that were started in it are counted here alone."""

    path: str
    label: str = ""
    first_us: int = 0
    unlabelled_sessions: int = 0

    def since(self, time_us: int, *, sessions: int = 0) -> KnownProject:
        """The project with a time at which it existed, and new sessions that were started in it."""
        first_us = min(self.first_us or time_us, time_us)
        return replace(self, first_us=first_us, unlabelled_sessions=self.unlabelled_sessions + sessions)


def new_labels(times: Times, taken: Iterable[str] = ()) -> dict[str, str]:
    """Labels for projects, by path: the oldest is named first. Labels that are `taken` have been given before."""
    first_us: dict[str, int] = {}
    for path, time_us in times:
        first_us[path] = min(first_us.get(path, time_us), time_us)
    used, labels = set(taken), {}
    for path in sorted(first_us, key=lambda path: (first_us[path], path)):
        labels[path] = next(label for label in _labels(path) if label not in used)
        used.add(labels[path])
    return labels


def labels_of(sessions: Iterable[Session], known: Mapping[str, str]) -> dict[str, str]:
    """The labels of projects by path in a view of sessions; `known` are those that were given before."""
    times = (
        (session.project, session.first_us) for session in sessions if session.project and session.project not in known
    )
    return {**known, **new_labels(times, known.values()), "": ""}


def _labels(path: str) -> Iterator[str]:
    """What a project may be called, in order of preference."""
    yield from map(label_value, names(path))
    yield from (label_value(f"{number} {path}") for number in count(1))
