"""What tells whether a file has changed, or is another one."""

from __future__ import annotations

import os

FileStamp = tuple[int, int, int, int]
SIZE = 1


def file_stamp(path: str | os.PathLike[str]) -> FileStamp | None:
    """Inode, size, mtime and ctime, which change when the file is written or replaced; None if stat fails."""
    try:
        status = os.stat(path)  # noqa: PTH116 - callers also pass a str with a suffix appended
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def file_identity(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Device and inode, which change when the file is replaced; None if stat fails."""
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return None
    return status.st_dev, status.st_ino
