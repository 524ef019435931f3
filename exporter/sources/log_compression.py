"""Compresses log files that are no longer written, so that at each moment exactly one form of each is read.

A file that a recorder may still write to is renamed first, as by log rotation; whoever opened it before may finish. It
is compressed some time later, into a file that readers ignore until the one that it was made from is removed.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import re
import secrets
import signal
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from exporter.model.bounds import MAX_INTEGER
from exporter.sources.files import LogFile, log_file
from exporter.sources.log_content import COMPRESSED_SUFFIX, MAX_CONTENT_BYTES, is_compressed

COPIED_AT_ONCE = 1 << 20
LEVEL = 6
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
# Recorders append to files without a number, and to number 0.
ROTATED = re.compile(r"(?P<name>.*\.jsonl?)\.(?P<number>[1-9]\d*)")
UNFINISHED = re.compile(r"\..*\.gz\.[0-9a-f]{16}\.unfinished")
MAX_NUMBER = 10_000


class ChangedFileError(OSError):
    """A file is not as it was when it was listed, or is one that must not be replaced."""


@contextmanager
def opened_directory(path: str) -> Iterator[int]:
    """A descriptor of a directory, which keeps names in it from being led elsewhere, locked against other processes.

    Raises OSError, also for a link.
    """
    import fcntl  # noqa: PLC0415 - which Windows lacks, where a directory cannot be opened either

    descriptor = os.open(path, OPEN_FLAGS | getattr(os, "O_DIRECTORY", 0))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)


def may_be_appended_to(name: str) -> bool:
    """Whether recorders append to files with this name."""
    return not is_compressed(name) and ROTATED.fullmatch(name) is None


def rotate(directory: int, file: LogFile) -> LogFile:
    """Rename a file, so that recorders write to another one, and return it by its new name. Raises OSError."""
    with _opened(directory, file):
        name = _free_name(directory, re.sub(r"\.0\Z", "", file.name))
        os.rename(file.name, name, src_dir_fd=directory, dst_dir_fd=directory)
    return _listed(file.directory, name)


def is_settled(directory: int, file: LogFile, seconds: float) -> bool:
    """Whether a file was renamed long enough ago for all that opened it before, and nobody has it open to write.

    Raises OSError if it may not be handled.
    """
    if not os.access(os.curdir, os.W_OK, dir_fd=directory):
        raise PermissionError(errno.EACCES, "its directory cannot be written", file.path)
    try:
        with _opened(directory, file, is_last_look=True) as opened:
            changed = os.fstat(opened.fileno()).st_ctime
    except ChangedFileError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    return not may_be_appended_to(file.name) and time.time() - changed >= seconds


def remove_unfinished(directory: int) -> None:
    """Remove what killed processes have left in a directory, which only this one has locked. Raises OSError."""
    for name in filter(UNFINISHED.fullmatch, os.listdir(directory)):
        os.unlink(name, dir_fd=directory)


def compress(directory: int, file: LogFile) -> LogFile:
    """Replace a file by a compressed one with the same content, owner, permissions and time of its last write.

    A kill at any moment leaves the one or the other. Raises OSError, ChangedFileError among them.
    """
    if file.size > MAX_CONTENT_BYTES:
        raise ChangedFileError(errno.EFBIG, "too large to be compressed", file.path)
    name = f"{file.name}{COMPRESSED_SUFFIX}"
    with _opened(directory, file) as source:
        if not (_is_free(directory, name) or _is_start_of(directory, name, source)):  # of a process that was killed
            raise ChangedFileError(errno.EEXIST, "there is another file in the place of the compressed one", file.path)
        _write_compressed(directory, source, file, name)
        os.fsync(directory)
        remove(directory, file)
    return _listed(file.directory, name)


def remove(directory: int, file: LogFile) -> None:
    """Remove a file that is still as it was listed, and that nobody has open to write. Raises OSError."""
    with _opened(directory, file, is_last_look=True):
        os.unlink(file.name, dir_fd=directory)
        os.fsync(directory)


@contextmanager
def _opened(directory: int, file: LogFile, *, is_last_look: bool = False) -> Iterator[IO[bytes]]:
    """A file to read, which is as it was listed, and no link to one that is elsewhere.

    At the last look, no other program may have it open to write.
    """
    with os.fdopen(os.open(file.name, OPEN_FLAGS, dir_fd=directory), "rb") as opened:
        if is_last_look:
            _require_no_writer(opened.fileno(), file)
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise ChangedFileError(errno.EMLINK, "it is a link", file.path)
        found = (status.st_ino & MAX_INTEGER, status.st_dev & MAX_INTEGER, min(status.st_mtime_ns, MAX_INTEGER))
        has_its_size = file.is_compressed or status.st_size == file.size
        if found != (file.inode, file.device, file.modified_ns) or not has_its_size:
            raise ChangedFileError(errno.EBUSY, "it has just been written or replaced", file.path)
        yield opened


def _require_no_writer(descriptor: int, file: LogFile) -> None:
    """Have the system make sure that nobody has a file open to write; only Linux can, for files that one owns."""
    import fcntl  # noqa: PLC0415 - as above

    if not hasattr(fcntl, "F_SETLEASE"):
        return
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # which is ignored; the default would end this process
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise ChangedFileError(errno.EBUSY, "another program has it open to write", file.path) from error


def _write_compressed(directory: int, source: IO[bytes], file: LogFile, name: str) -> None:
    unfinished = f".{name}.{secrets.token_hex(8)}.unfinished"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(unfinished, flags, 0o600, dir_fd=directory), "w+b") as target:
            written = _copy_compressed(source, file.size, target)
            if not _has_digest(target, file.size, written):
                raise ChangedFileError(errno.EIO, "the disk does not return what was written", file.path)
            _take_over(os.fstat(source.fileno()), target)
            os.fsync(target.fileno())
        os.rename(unfinished, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished, dir_fd=directory)
        raise


def _copy_compressed(source: IO[bytes], size: int, target: IO[bytes]) -> bytes:
    """Compress all of a file, and return the digest of its content."""
    found = hashlib.sha256()
    source.seek(0)
    with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=target, mtime=0) as compressed:
        while data := source.read(COPIED_AT_ONCE):
            found.update(data)
            compressed.write(data)
    if source.tell() != size:
        raise ChangedFileError(errno.EBUSY, "it has just been written")
    target.flush()
    return found.digest()


def _digest(content: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    """The digest of the first bytes of a content; empty if it has fewer."""
    found = hashlib.sha256()
    content.seek(0)
    while data := content.read(min(COPIED_AT_ONCE, size - content.tell())):
        found.update(data)
    return found.digest() if content.tell() == size else b""


def _has_digest(compressed: IO[bytes], size: int, digest: bytes) -> bool:
    """Whether the content of a compressed file has a size and a digest."""
    compressed.seek(0)
    with gzip.GzipFile(fileobj=compressed) as content:
        try:
            return _digest(content, size) == digest and not content.read(1)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return False


def _is_start_of(directory: int, name: str, source: IO[bytes]) -> bool:
    """Whether a compressed file has the first bytes of another, or all of them."""
    with os.fdopen(os.open(name, OPEN_FLAGS, dir_fd=directory), "rb") as file, gzip.GzipFile(fileobj=file) as content:
        try:
            longest = os.fstat(source.fileno()).st_size
            while content.read(COPIED_AT_ONCE):
                if content.tell() > longest:  # such as the gigabytes that a small file can have
                    return False
            size = content.tell()
            return _digest(content, size) == _digest(source, size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return False


def _take_over(status: os.stat_result, target: IO[bytes]) -> None:
    """Give a file the owner, the permissions and the times of another."""
    own = os.fstat(target.fileno())
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(target.fileno(), status.st_uid, status.st_gid)
    os.fchmod(target.fileno(), stat.S_IMODE(status.st_mode))
    os.utime(target.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))


def _free_name(directory: int, stem: str) -> str:
    """The name with the first number that no file has. Raises OSError if there are too many."""
    names = (f"{stem}.{number}" for number in range(1, MAX_NUMBER))
    if found := next((name for name in names if _is_free(directory, name)), ""):
        return found
    raise OSError(errno.EMFILE, "there are too many rotated files, remove some", stem)


def _is_free(directory: int, name: str) -> bool:
    """Whether there is neither a file with a name nor its compressed form."""
    for each in (name, f"{name}{COMPRESSED_SUFFIX}"):
        with suppress(FileNotFoundError):
            os.stat(each, dir_fd=directory, follow_symlinks=False)
            return False
    return True


def _listed(directory: str, name: str) -> LogFile:
    file = log_file(directory, name)
    if file is None:
        raise ChangedFileError(errno.ENOENT, "it was removed", f"{directory}{os.sep}{name}")
    return file
