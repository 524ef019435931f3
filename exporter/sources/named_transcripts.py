"""The directories of transcripts that hooks name: whatever a line claims, only Claude Code's own are followed."""

from __future__ import annotations

import os
import re

PROJECTS = "projects"
MAX_NAMED_DIRECTORIES = 128  # each is watched by a thread
TRANSCRIPT = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.jsonl", re.IGNORECASE)


def project_directory(transcript_path: str) -> str:
    """The project's directory of a hook's transcript_path; empty unless that is an existing transcript of a session."""
    directory, _, name = transcript_path.rpartition(os.sep)
    if not TRANSCRIPT.fullmatch(name) or "\0" in directory or not is_project_directory(directory):
        return ""
    return directory if os.path.isfile(transcript_path) else ""  # noqa: PTH113 - paths are str here


def is_project_directory(path: str) -> bool:
    """Whether a path has the form `…/projects/<name>`."""
    parent, _, name = path.rpartition(os.sep)
    is_plain = os.path.isabs(path) and os.path.normpath(path) == path  # noqa: PTH117 - paths are str here
    return is_plain and bool(name) and parent.endswith(f"{os.sep}{PROJECTS}")
