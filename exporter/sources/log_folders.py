"""Which folders hold hook logs, and which files in them are read as what."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from exporter.records import Phase

# The start of a file's name says what its lines are; what names its own event needs no more. A number behind the
# name is a rotated file. Files by any other name (usage.jsonl, summary.json, chat logs) are not hook logs.
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
FILE_NAME = re.compile(rf"({'|'.join((*PHASE_OF_NAME, *EVENT_NAMES))})\.jsonl?(?:\.\d+)?")


class LogFile(msgspec.Struct, frozen=True, gc=False):
    """A hook log as it lies on disk."""

    folder: str
    name: str
    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def path(self) -> str:
        """Where it lies."""
        return os.path.join(self.folder, self.name)  # noqa: PTH118 - on the path of every refresh; Path costs ten times as much

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
    return PHASE_OF_NAME.get(name.partition(".")[0], Phase.EVENT)


def is_safe_name(name: str) -> bool:
    """Whether a name from outside names a folder directly below another, and nothing else."""
    return name not in {"", ".", ".."} and not re.search(r"[/\\\0]", name) and len(name.encode(errors="replace")) <= 255


def session_folders(root: str) -> Iterator[str]:
    """Every folder that may hold logs: the root itself, then those directly below it. A missing root has none."""
    try:
        with os.scandir(root) as entries:
            yield root
            for entry in entries:
                if entry.is_dir():
                    yield entry.path
    except (FileNotFoundError, NotADirectoryError):
        return


def log_files(folder: str) -> list[LogFile]:
    """The hook logs in a folder; none where it has vanished. Raises OSError where it may not be read."""
    try:
        with os.scandir(folder) as entries:
            return [
                _log_file(folder, entry) for entry in entries if FILE_NAME.fullmatch(entry.name) and entry.is_file()
            ]
    except (FileNotFoundError, NotADirectoryError):
        return []


def absolute(roots: tuple[Path, ...]) -> list[str]:
    """The roots, absolute, each once, in their order."""
    return list(dict.fromkeys(str(root.expanduser().resolve()) for root in roots))


def _log_file(folder: str, entry: os.DirEntry[str]) -> LogFile:
    status = entry.stat()
    return LogFile(folder, entry.name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
