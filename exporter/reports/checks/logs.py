"""Whether there are hook logs and transcripts, all of them readable."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

from exporter.model.text import listed
from exporter.reports.checks.finding import Finding, Verdict, counted, may_access
from exporter.sources.files import log_files, session_directories
from exporter.sources.transcript_files import project_directories, transcripts

LOGS, TRANSCRIPTS, LOG_SIZE = "logs", "transcripts", "log size"
MUCH_SPACE = 1_000_000_000  # bytes
SMALLER = (
    'Have old ones compressed: add keep-logs = "30d" to config.toml, or --keep-logs 30d to the command, and restart it.'
    " Record less of large results: hookmeter hooks install --max-payload 64k"
)


def check_logs(roots: Sequence[str], *, may_be_none: bool) -> Finding:
    """Find out whether there are hook logs, all of them readable.

    There may be none where hooks were just installed, and where there are transcripts, with which numbers are correct.
    """
    sessions: list[str] = []
    unreadable: list[str] = []
    for root in roots:
        try:
            for directory in session_directories(root):
                _look_for_logs(directory, sessions, unreadable)
        except OSError:
            unreadable.append(root)
    if unreadable:
        return _unreadable(LOGS, unreadable)
    if sessions:
        return Finding(Verdict.OK, LOGS, f"{counted(sessions, 'session')} in {listed(roots)}")
    remedy = "Use Claude Code with the hooks installed, or name the right directory with --sessions-dir"
    return Finding(Verdict.INFO if may_be_none else Verdict.ERROR, LOGS, f"none in {listed(roots)}", remedy)


def check_log_size(roots: Sequence[str], keep_logs_seconds: int) -> Iterator[Finding]:
    """Find hook logs that take much space, if nothing keeps them small."""
    size = 0
    for directory in chain.from_iterable(map(session_directories, roots)):
        with suppress(OSError):  # which `check_logs` reports
            size += sum(Path(file.path).stat().st_size for file in log_files(directory))
    if size > MUCH_SPACE and not keep_logs_seconds:
        message = f"hook logs take {size / 1e9:.1f} GB, and old ones are neither compressed nor removed"
        yield Finding(Verdict.INFO, LOG_SIZE, message, SMALLER)


def check_transcripts(roots: Sequence[str]) -> Finding:
    """Find out whether there are projects with transcripts, all of them in readable directories."""
    directories: list[str] = []
    unreadable: list[str] = []
    for root in roots:
        try:
            directories += project_directories(root)
        except OSError:
            unreadable.append(root)
    unreadable += [directory for directory in directories if not may_access(directory, os.R_OK | os.X_OK)]
    if unreadable:
        return _unreadable(TRANSCRIPTS, unreadable)
    projects = [directory for directory in directories if _has_transcript(directory)]
    if projects:
        return Finding(Verdict.OK, TRANSCRIPTS, f"{counted(projects, 'project')} in {listed(roots)}")
    message = f"none in {listed(roots)}; without them there are no tokens and costs"
    return Finding(Verdict.INFO, TRANSCRIPTS, message, "Use Claude Code, or name its directory with --transcripts-dir")


def _has_transcript(directory: str) -> bool:
    """Whether there is one: a directory whose transcripts were deleted, or of something else, is no project here."""
    return any(True for _ in transcripts(directory, lambda _error: None))


def _look_for_logs(directory: str, sessions: list[str], unreadable: list[str]) -> None:
    try:
        files = log_files(directory)
    except OSError:
        unreadable.append(directory)
        return
    if files:
        sessions.append(directory)
    unreadable += [file.path for file in files if not may_access(file.path, os.R_OK)]


def _unreadable(subject: str, paths: list[str]) -> Finding:
    others = f", and {len(paths) - 1} more" if len(paths) > 1 else ""
    message, remedy = f"not readable: {paths[0]}{others}", f"As its owner, run: chmod u+rX {paths[0]}"
    return Finding(Verdict.ERROR, subject, message, remedy)
