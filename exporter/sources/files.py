"""Finds the directories and files of hook logs, and what the lines of each file report."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from exporter.model.bounds import MAX_INTEGER
from exporter.model.clock import now_us
from exporter.model.records import Phase
from exporter.model.regular_files import open_regular
from exporter.sources.log_content import COMPRESSED_SUFFIX, content_size, is_compressed

# The stem of a file's name, spelt pre_tool_use or PreToolUse, gives the phase and event of lines that name no event.
# A number after the name marks a rotated file, which may be compressed. Files with any other name (usage.jsonl,
# summary.json, chat logs) are not hook logs.
PHASE_OF_NAME = {
    "pre_tool_use": Phase.START,
    "post_tool_use": Phase.END,
    "post_tool_use_failure": Phase.END,
}
EVENT_NAMES = (
    "events", "notification", "permission_denied", "permission_request", "post_tool_batch", "pre_compact",
    "session_end", "session_start", "stop", "stop_failure", "subagent_start", "subagent_stop", "user_prompt_submit",
)  # fmt: skip
UNSPECIFIC_NAMES = frozenset({"events", "pre_tool_use", "post_tool_use"})  # the phase alone, or nothing
SOURCES = {Phase.START: "pre_tool_use", Phase.END: "post_tool_use", Phase.EVENT: "events"}
NAMES = (*PHASE_OF_NAME, *EVENT_NAMES)
SNAKE_OF_CAMEL = {"".join(map(str.capitalize, name.split("_"))): name for name in NAMES}
CAMEL_OF_SNAKE = {snake: camel for camel, snake in SNAKE_OF_CAMEL.items()}
FILE_NAME = re.compile(rf"({'|'.join((*NAMES, *SNAKE_OF_CAMEL))})\.jsonl?(?:\.\d+(?:\.gz)?)?")
RECORDED_NAMES = frozenset({"pre_tool_use.jsonl", "post_tool_use.jsonl"})
MAX_NAME_BYTES = 255


class LogFile(msgspec.Struct, frozen=True, gc=False):
    """A log file with its state at the time of the listing. The size is that of its content, if it is compressed."""

    directory: str
    name: str
    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def path(self) -> str:
        """The path of the file."""
        return os.path.join(self.directory, self.name)  # noqa: PTH118 - on the path of every refresh; Path costs ten times as much

    @property
    def is_compressed(self) -> bool:
        """Whether it is compressed, so that it never changes."""
        return is_compressed(self.name)

    @property
    def written_us(self) -> int:
        """The time of the last write: now, if the file has a later one."""
        return min(self.modified_ns // 1000, now_us())

    @property
    def phase(self) -> Phase:
        """The phase of lines that do not name their event."""
        return _phase(self.name)

    @property
    def event(self) -> str:
        """The event of lines that do not name it; empty if the name does not give it, or only the phase."""
        return _event(self.name)

    @property
    def source(self) -> str:
        """The value of the label `source`."""
        return SOURCES[_phase(self.name)]


@cache
def _phase(name: str) -> Phase:
    return PHASE_OF_NAME.get(_snake(name), Phase.EVENT)


@cache
def _event(name: str) -> str:
    snake = _snake(name)
    return "" if snake in UNSPECIFIC_NAMES else CAMEL_OF_SNAKE.get(snake, "")


def _snake(name: str) -> str:
    """The name without endings, spelt pre_tool_use."""
    stem = name.partition(".")[0]
    return SNAKE_OF_CAMEL.get(stem, stem)


def is_safe_name(name: str) -> bool:
    """Whether an untrusted name can only refer to a directory directly below its parent."""
    if name in {"", ".", ".."} or re.search(r"[/\\\0]", name):
        return False
    try:
        return len(os.fsencode(name)) <= MAX_NAME_BYTES
    except UnicodeEncodeError:
        return False


def session_directories(root: str) -> Iterator[str]:
    """Every directory that may contain logs: the root itself, then those directly below it.

    A missing root yields nothing. One that cannot be listed is yielded itself, so that reading it reports the error.
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
    """The hook logs in a directory; none if it has vanished. Raises OSError if it cannot be read.

    Files of events are examined first, those of starts last. A call's start is written before its end, and both before
    the end of the turn: so although the files grow, no size includes a later line while another lacks the earlier one.
    """
    names = _log_names(directory)
    files = {name: log_file(directory, name) for name in _in_order(names)}
    if any(files[name] is None for name in names):  # one was renamed, compressed or removed since the listing
        files = {name: log_file(directory, name) for name in _in_order(_log_names(directory))}
    return [file for file in files.values() if file]


def _log_names(directory: str) -> set[str]:
    """The names of the hook logs in a directory. One that is just being compressed still counts as it is."""
    try:
        with os.scandir(directory) as entries:
            names = {entry.name for entry in entries if FILE_NAME.fullmatch(entry.name)}
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {name for name in names if not (is_compressed(name) and name.removesuffix(COMPRESSED_SUFFIX) in names)}


def _in_order(names: set[str]) -> list[str]:
    """The order in which files are examined; one that is usual may have been created since the directory was listed."""
    return sorted(names | RECORDED_NAMES, key=_phase, reverse=True) if names else []


def absolute(roots: tuple[Path, ...]) -> list[str]:
    """The roots as absolute paths without duplicates, in order; a cycle of links is resolved as far as possible."""
    return list(dict.fromkeys(os.path.realpath(root.expanduser()) for root in roots))


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a directory; a broken or cyclic symbolic link is not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def log_file(directory: str, name: str) -> LogFile | None:
    """The current state of a file; None if there is no such file. Raises OSError if the directory is not accessible.

    A link to where this process may not look has its own state, so that reading it reports the error.
    """
    path = f"{directory}{os.sep}{name}"
    try:
        status = os.stat(path)  # noqa: PTH116 - as in LogFile.path
        is_file = stat.S_ISREG(status.st_mode)
    except FileNotFoundError:
        return None  # removed since the directory was listed, or a broken link
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        status, is_file = os.lstat(path), True
    if not is_file:
        return None
    size = _content_size(path, status.st_size) if is_compressed(name) else status.st_size
    modified_ns = min(status.st_mtime_ns, MAX_INTEGER)
    return LogFile(directory, name, status.st_dev & MAX_INTEGER, status.st_ino & MAX_INTEGER, size, modified_ns)


def _content_size(path: str, file_size: int) -> int:
    """The size of what is compressed; the file's own if it cannot be read, so that reading it reports the error."""
    try:
        descriptor = open_regular(path)
    except OSError:
        return file_size
    try:
        return content_size(descriptor)
    finally:
        os.close(descriptor)
