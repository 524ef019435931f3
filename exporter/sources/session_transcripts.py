"""Finds the transcripts of sessions: in each project, a session has a file and, for its sub-agents, a directory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from exporter.sources.files import LogFile, is_directory, log_file
from exporter.sources.named_transcripts import PROJECTS
from exporter.sources.transcript_files import SUFFIX, project_directories, transcripts

Failed = Callable[[str, OSError], None]


def transcript_paths(roots: Iterable[str], failed: Failed) -> dict[str, tuple[str, ...]]:
    """The paths of all transcripts, without their suffix, by session: one that changed its project has several.

    Directories that cannot be read are passed to `failed`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for project in _projects(roots, failed):
        for name in _sessions(project, failed):
            found[name] = (*found.get(name, ()), f"{project}{os.sep}{name}")
    return found


def config_dirs(paths: Iterable[str]) -> dict[str, set[str]]:
    """Claude Code's directories, by the session whose transcript is in `projects` there; of paths with their suffix."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in map(PurePath, paths):
        if path.suffix == SUFFIX and path.parents[1].name == PROJECTS:
            found[path.stem].add(str(path.parents[2]))
    return found


def transcript_paths_of(session: str, roots: Iterable[str], failed: Failed) -> tuple[str, ...]:
    """The paths of the transcripts of one session, without their suffix."""
    paths = [f"{project}{os.sep}{session}" for project in _projects(roots, failed)]
    return tuple(path for path in paths if os.path.exists(f"{path}{SUFFIX}") or os.path.isdir(path))  # noqa: PTH110, PTH112 - paths are str here


def session_transcripts(path: str, failed: Failed) -> list[LogFile]:
    """The transcript with this path and those of its sub-agents."""
    directory, _, name = path.rpartition(os.sep)
    below = list(transcripts(path, lambda error: failed(path, error)))
    try:
        own = log_file(directory, f"{name}{SUFFIX}")
    except OSError as error:
        failed(path, error)
        own = None
    return [own, *below] if own else below


def _projects(roots: Iterable[str], failed: Failed) -> Iterator[str]:
    for root in roots:
        try:
            yield from project_directories(root)
        except OSError as error:
            failed(root, error)


def _sessions(project: str, failed: Failed) -> set[str]:
    try:
        with os.scandir(project) as entries:
            return {
                entry.name.removesuffix(SUFFIX)
                for entry in entries
                if entry.name.endswith(SUFFIX) or is_directory(entry)
            }
    except FileNotFoundError:
        return set()
    except OSError as error:
        failed(project, error)
        return set()
