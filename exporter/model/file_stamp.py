"""Whether a file has changed: its inode, size and times of change."""

from __future__ import annotations

import os

FileStamp = tuple[int, int, int, int]


def file_stamp(path: str | os.PathLike[str]) -> FileStamp | None:
    """What changes whenever a file is written or replaced; None where it cannot be looked at."""
    try:
        status = os.stat(path)  # noqa: PTH116 - also takes a text with a suffix appended
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
