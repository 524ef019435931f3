"""Finds Claude Code's transcripts: `<projects>/<slug>/<session>.jsonl`, those of sub-agents in directories below."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator

from exporter.model.bounds import MAX_CLOCK_SKEW_US
from exporter.model.text import path_text
from exporter.sources.files import LogFile, is_directory, log_file

TRANSCRIPT_SOURCE = "transcript"
SUFFIX = ".jsonl"
MAX_DEPTH = 8  # Claude Code uses up to four


def project_directories(root: str) -> Iterator[str]:
    """The directories below a projects directory, one for each project; none if it is missing. Raises OSError."""
    try:
        with os.scandir(root) as entries:
            yield from [entry.path for entry in entries if is_directory(entry)]
    except (FileNotFoundError, NotADirectoryError):
        return


def transcripts(directory: str, failed: Callable[[OSError], None], depth: int = 0) -> Iterator[LogFile]:
    """The transcripts in and below a project's directory; none if it has vanished.

    A directory that cannot be read is reported to `failed`; the others are still read. Links to directories are not
    followed, as they might form a cycle, and neither are directories deeper than MAX_DEPTH.
    """
    if depth > MAX_DEPTH:
        failed(OSError(errno.ENAMETOOLONG, "it is nested too deeply", directory))
        return
    try:
        with os.scandir(directory) as entries:
            found = list(entries)
        files = [file for entry in found if entry.name.endswith(SUFFIX) and (file := log_file(directory, entry.name))]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        failed(error)
        return
    yield from files
    for entry in found:
        if not entry.name.endswith(SUFFIX) and entry.is_dir(follow_symlinks=False):
            yield from transcripts(entry.path, failed, depth + 1)


def session_name(log: LogFile, directory: str) -> str:
    """The name of a transcript's session: that of the file, or for a sub-agent of the directory next to it."""
    below = log.directory[len(directory) + 1 :] or log.name
    return path_text(below.partition(os.sep)[0].removesuffix(SUFFIX))


def of_sessions_since(since_us: int, files: list[LogFile], directory: str) -> list[LogFile]:
    """The files of all sessions of which any file was written since a time.

    All of them, as a cost-state may be the sum of messages that are older.
    """
    sessions = {file: session_name(file, directory) for file in files}
    recent = {session for file, session in sessions.items() if file.modified_ns // 1000 + MAX_CLOCK_SKEW_US >= since_us}
    return [file for file, session in sessions.items() if session in recent]
