"""The project of a session: the directory in which Claude Code was started; for a worktree, its repository."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from struct import iter_unpack

from exporter.model.records import NO_PROJECT, Project

UNKNOWN_PROJECT = "unknown"
NOT_IN_SLUGS = re.compile(r"[^A-Za-z0-9]")
MAX_SLUG_CHARACTERS = 200
WORKTREES = (".claude", "worktrees")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def project_of(project_dir: str, cwd: str, transcript_path: str) -> Project:
    """The project that a line of a hook log names; NO_PROJECT if it names no directory.

    An agent may have changed its working directory, so `cwd` alone is not reliable: the project is CLAUDE_PROJECT_DIR,
    or the one among `cwd` and its parents that the transcript's directory is named after.
    """
    if project_dir:
        return Project(repository(project_dir), is_certain=True)
    return _found(cwd, transcript_path) if cwd else NO_PROJECT


def _found(cwd: str, transcript_path: str) -> Project:
    started_in = start_directory(cwd, _path(transcript_path).parent.name) if transcript_path else ""
    return Project(repository(started_in or cwd), is_certain=bool(started_in))


@lru_cache(maxsize=4096)
def start_directory(cwd: str, name: str) -> str:
    """The one among `cwd` and its parents that a transcript directory is named after; empty if none is."""
    if not cwd:
        return ""
    here = _path(cwd)
    return next((path for path in map(str, (here, *here.parents)) if is_named_after(name, path)), "")


def is_named_after(name: str, path: str) -> bool:
    """Whether a transcript directory is named after a path, with its drive letter in either case."""
    other_case = path[:1].swapcase() + path[1:] if path[1:2] == ":" else path
    return name in {slug(path), slug(other_case)}


@lru_cache(maxsize=4096)
def repository(path: str) -> str:
    """The path in its normal form: for a worktree that of its repository, and with an upper-case drive letter."""
    whole = _path(path)
    parts = whole.parts
    for number in range(1, len(parts) - len(WORKTREES)):
        if parts[number : number + len(WORKTREES)] == WORKTREES:
            whole = type(whole)(*parts[:number])
            break
    text = str(whole)
    return text[:1].upper() + text[1:] if whole.drive else text


def slug(path: str) -> str:
    """The name that Claude Code gives to the transcript directory of a path.

    It counts in UTF-16 units, and cuts a long name, to which it adds a hash of the path.
    """
    name = NOT_IN_SLUGS.sub(lambda match: "-" * (1 + (match[0] > "\uffff")), path)
    return name if len(name) <= MAX_SLUG_CHARACTERS else f"{name[:MAX_SLUG_CHARACTERS]}-{_hash(path)}"


def _hash(path: str) -> str:
    """A hash of 32 bits in base 36, as Claude Code computes it."""
    value, digits = 0, ""
    for (unit,) in iter_unpack("<H", path.encode("utf-16-le", "surrogatepass")):
        value = (31 * value + unit) & 0xFFFFFFFF
    value = min(value, (1 << 32) - value)  # the absolute value of a signed number
    while value:
        value, digit = divmod(value, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits or "0"


def in_project(path: str, project: str) -> str:
    """A path relative to the project; as it is if it is not in it, or if the project is the root directory."""
    if not project:
        return path
    whole, root = _path(path), _path(project)
    return str(whole.relative_to(root)) if root.name and whole.is_relative_to(root) else path


def names(path: str) -> list[str]:
    """What a project may be called: the name of its directory, then with more and more of its parents."""
    parts = [name for part in _path(path).parts if (name := part.strip("/\\"))]
    return ["/".join(parts[number:]) for number in range(len(parts) - 1, -1, -1)] or [path]


def _path(text: str) -> PurePath:
    is_windows = ("\\" in text and "/" not in text) or re.match(r"[A-Za-z]:[/\\]", text)
    return PureWindowsPath(text) if is_windows else PurePosixPath(text)
