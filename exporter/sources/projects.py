"""The project of a line: the name of the directory in which Claude Code was started."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePath, PurePosixPath, PureWindowsPath

SLUG_CHARACTER = re.compile(r"[^A-Za-z0-9]")
UNKNOWN_PROJECT = "unknown"


@lru_cache(maxsize=4096)
def project_name(project_dir: str, cwd: str, transcript_path: str) -> str:
    """The name of the project's directory; empty if the line names no directory.

    An agent may have changed its working directory, so `cwd` alone is not reliable: the project is the one among `cwd`
    and its parents that the transcript's directory is named after.
    """
    if project_dir:
        return _path(project_dir).name
    if not cwd:
        return ""
    here = _path(cwd)
    slug = _path(transcript_path).parent.name if transcript_path else ""
    for directory in (here, *here.parents):
        if slug and SLUG_CHARACTER.sub("-", str(directory)) == slug:
            return directory.name
    return here.name


def _path(text: str) -> PurePath:
    return PureWindowsPath(text) if "\\" in text and "/" not in text else PurePosixPath(text)
