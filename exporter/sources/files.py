"""Which directories hold hook logs, and which files in them are read as what."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from exporter.model.records import Phase

# The start of a file's name, spelt pre_tool_use or PreToolUse, says what its lines are; what names its own event needs
# no more. A number behind the name is a rotated file. Files by any other name (usage.jsonl, summary.json, chat logs)
# are not hook logs.
PHASE_OF_NAME = {
    "pre_tool_use": Phase.START,
    "post_tool_use": Phase.END,
    "post_tool_use_failure": Phase.END,
}
EVENT_NAMES = (
    "events", "notification", "permission_denied", "permission_request", "post_tool_batch", "pre_compact",
    "session_end", "session_start", "stop", "stop_failure", "subagent_start", "subagent_stop", "user_prompt_submit",
)  # fmt: skip
SOURCES = {Phase.START: "pre_tool_use", Phase.END: "post_tool_use", Phase.EVENT: "events"}
NAMES = (*PHASE_OF_NAME, *EVENT_NAMES)
SNAKE_OF_CAMEL = {"".join(map(str.capitalize, name.split("_"))): name for name in NAMES}
FILE_NAME = re.compile(rf"({'|'.join((*NAMES, *SNAKE_OF_CAMEL))})\.jsonl?(?:\.\d+)?")
RECORDED_NAMES = frozenset({"pre_tool_use.jsonl", "post_tool_use.jsonl"})
LONGEST_NAME = 255


class LogFile(msgspec.Struct, frozen=True, gc=False):
    """A hook log as it lies on disk."""

    directory: str
    name: str
    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def path(self) -> str:
        """Where it lies."""
        return os.path.join(self.directory, self.name)  # noqa: PTH118 - on the path of every refresh; Path costs ten times as much

    @property
    def phase(self) -> Phase:
        """What its lines are, where they do not say so themselves."""
        return _phase(self.name)

    @property
    def source(self) -> str:
        """The value of the label `source`."""
        return SOURCES[_phase(self.name)]


@cache
def _phase(name: str) -> Phase:
    stem = name.partition(".")[0]
    return PHASE_OF_NAME.get(SNAKE_OF_CAMEL.get(stem, stem), Phase.EVENT)


def is_safe_name(name: str) -> bool:
    """Whether a name from outside names a directory directly below another, and nothing else."""
    if name in {"", ".", ".."} or re.search(r"[/\\\0]", name):
        return False
    try:
        return len(os.fsencode(name)) <= LONGEST_NAME
    except UnicodeEncodeError:
        return False


def printable(path: str) -> str:
    """A path as text that UTF-8 can carry, whatever bytes the file system has in it; another path is another text."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()


def session_directories(root: str) -> Iterator[str]:
    """Every directory that may hold logs: the root itself, then those directly below it.

    A missing root has none. One that cannot be read is given all the same: whoever reads it learns why.
    """
    try:
        with os.scandir(root) as entries:
            below = [entry.path for entry in entries if is_directory(entry)]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        below = []
    yield root
    yield from below


def log_files(directory: str) -> list[LogFile]:
    """The hook logs in a directory; none where it has vanished. Raises OSError where it may not be read.

    They are looked at events first and starts last. A call's start is written before its end, and both before what
    ends its turn: so the sizes found never show the later line without the earlier one, though all files grow.
    """
    try:
        with os.scandir(directory) as entries:
            names = {entry.name for entry in entries if FILE_NAME.fullmatch(entry.name)}
    except (FileNotFoundError, NotADirectoryError):
        return []
    if names:
        names |= RECORDED_NAMES  # one that was made after the directory was listed
    return [file for name in sorted(names, key=_phase, reverse=True) if (file := log_file(directory, name))]


def absolute(roots: tuple[Path, ...]) -> list[str]:
    """The roots, absolute, each once, in their order; a link that leads round in a ring as far as it leads."""
    return list(dict.fromkeys(os.path.realpath(root.expanduser()) for root in roots))


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a directory; a symbolic link that leads nowhere, or round in a ring, is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def log_file(directory: str, name: str) -> LogFile | None:
    """A file as it is now; None where there is no such file. Raises OSError where the directory may not be searched."""
    try:
        status = os.stat(f"{directory}{os.sep}{name}")  # noqa: PTH116 - as in LogFile.path
    except FileNotFoundError:
        return None  # gone since the directory was listed, or a link that leads nowhere
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise
    if not stat.S_ISREG(status.st_mode):
        return None
    return LogFile(directory, name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
