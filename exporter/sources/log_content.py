"""The content of a log file, by position: of one that is written, and of one that was compressed when it was old."""

from __future__ import annotations

import errno
import os
import zlib
from typing import Protocol

from exporter.model.regular_files import open_regular

COMPRESSED_SUFFIX = ".gz"
SIZE_BYTES = 4  # a gzip file ends with the size of its content
MAX_CONTENT_BYTES = (1 << 8 * SIZE_BYTES) - 1
SKIPPED_AT_ONCE = 1 << 20


class LogContent(Protocol):
    """An open log file."""

    def read_at(self, size: int, offset: int) -> bytes:
        """Up to `size` bytes from an offset on. Raises OSError."""

    @property
    def size(self) -> int:
        """The number of bytes that it has by now."""

    def close(self) -> None:
        """Close the file."""


class PlainContent:
    """The content of a file as it is."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read_at(self, size: int, offset: int) -> bytes:
        """Up to `size` bytes from an offset on. Raises OSError."""
        return os.pread(self._descriptor, size, offset)

    @property
    def size(self) -> int:
        """The number of bytes that it has by now."""
        return os.fstat(self._descriptor).st_size

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class CompressedContent:
    """The content of a gzip file, which is quick to read forward only."""

    __slots__ = ("_file", "_raw", "size")

    def __init__(self, descriptor: int) -> None:
        import gzip  # noqa: PLC0415 - which most commands save, as most logs are not compressed

        self.size = content_size(descriptor)
        self._raw = os.fdopen(descriptor, "rb")
        self._file = gzip.GzipFile(fileobj=self._raw, mode="rb")

    def read_at(self, size: int, offset: int) -> bytes:
        """Up to `size` bytes from an offset on. Raises OSError, also if the file is damaged."""
        try:
            return self._read_at(size, offset)
        except (EOFError, zlib.error, OSError) as error:
            if isinstance(error, OSError) and error.errno:  # not gzip's own
                raise
            raise OSError(errno.EIO, f"the compressed file is damaged, {error}") from error

    def _read_at(self, size: int, offset: int) -> bytes:
        if offset < self._file.tell():
            self._file.rewind()
        while (before := offset - self._file.tell()) > 0 and self._file.read(min(before, SKIPPED_AT_ONCE)):
            pass
        data = self._file.read(size) if size > 0 else b""
        if self._file.tell() >= self.size and self._file.read(1):  # which also compares its checksum, at its end
            raise OSError(errno.EINVAL, "it has several compressed parts, decompress it with gunzip")
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()


def open_content(path: str) -> LogContent | None:
    """The content of the log file with this path, which may just have been compressed; None if there is none.

    Raises OSError.
    """
    for each in (path,) if is_compressed(path) else (path, f"{path}{COMPRESSED_SUFFIX}"):
        try:
            descriptor = open_regular(each)
        except FileNotFoundError:
            continue
        return CompressedContent(descriptor) if is_compressed(each) else PlainContent(descriptor)
    return None


def is_compressed(name: str) -> bool:
    """Whether the file with this name or path is compressed."""
    return name.endswith(COMPRESSED_SUFFIX)


def content_size(descriptor: int) -> int:
    """The size of the content of a gzip file, as its last bytes report it."""
    end = os.fstat(descriptor).st_size
    return int.from_bytes(os.pread(descriptor, SIZE_BYTES, max(0, end - SIZE_BYTES)), "little")
