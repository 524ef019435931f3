"""Opens files that others put there: what is not a regular file, or is too large, is refused instead of waited for."""

from __future__ import annotations

import errno
import os
import stat

SMALL_BYTES = 64 << 10
LARGE_BYTES = 4 << 20  # of files that people write, such as settings
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def open_regular(path: str | os.PathLike[str]) -> int:
    """A descriptor to read a file with. Raises OSError, also for pipes, devices and sockets."""
    descriptor = os.open(path, FLAGS)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))


def read_bounded(path: str | os.PathLike[str], max_bytes: int = SMALL_BYTES) -> bytes:
    """The content of a regular file. Raises OSError, also if it is larger than the maximum."""
    with os.fdopen(open_regular(path), "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, f"larger than {max_bytes >> 10} kB", os.fspath(path))
    return content
