"""The head of a transcript: what its first lines report about it before it is read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from exporter.model.regular_files import open_regular
from exporter.sources.files import LogFile
from exporter.sources.timestamps import to_us

HEAD_BYTES = 8 << 10
MAX_HEAD_BYTES = 4 << 20
SCAN_BYTES = 8 << 20
CWD = re.compile(rb'"cwd" ?: ?("(?:[^"\\]|\\.)*")')
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Head(NamedTuple):
    """The session of a transcript, the time and working directory of its first lines, and whether these are copies.

    The time is that of the first line of its own if there is one among them; the time of the file if there is none.
    """

    session: str
    first_us: int
    cwd: str
    is_branch: bool


class _Snapshot(msgspec.Struct, gc=False):
    """The time in a snapshot of files, with which a session in a terminal starts."""

    timestamp: Any = None


class _Line(msgspec.Struct, gc=False):
    """The fields of a line that are read; `forkedFrom` is only in the copied lines of a branch."""

    sessionId: Any = None
    timestamp: Any = None
    cwd: Any = None
    forkedFrom: msgspec.Raw = msgspec.Raw()
    snapshot: _Snapshot | None = None


DECODER = msgspec.json.Decoder(_Line)
TEXT_DECODER = msgspec.json.Decoder(str)


def read_head(file: LogFile) -> Head:
    """The head of a transcript. Raises OSError if it cannot be read."""
    size, descriptor = HEAD_BYTES, open_regular(file.path)
    try:
        while True:
            data = os.pread(descriptor, size, 0)
            head = _head(data, file.written_us)
            if (head.session and head.cwd) or len(data) < size or size >= MAX_HEAD_BYTES:
                return head
            size *= 8
    finally:
        os.close(descriptor)


def working_directories(file: LogFile) -> Iterator[str]:
    """The different working directories of all lines. Raises OSError if the file cannot be read."""
    seen: set[bytes] = set()
    with os.fdopen(open_regular(file.path), "rb") as lines:
        while data := lines.read(SCAN_BYTES):
            for text in CWD.findall(data):
                if text not in seen:
                    seen.add(text)
                    yield _text(text)


def _head(data: bytes, written_us: int) -> Head:
    session, cwd, own_us, copied_us = "", "", None, None
    for line in map(_decoded, data.split(b"\n")):
        session = session or _str(line.sessionId)
        cwd = cwd or _str(line.cwd)
        if line.forkedFrom:
            copied_us = copied_us or to_us(line.timestamp)
        else:
            own_us = own_us or to_us(line.timestamp) or (to_us(line.snapshot.timestamp) if line.snapshot else None)
        if session and cwd and (own_us or copied_us):
            break
    return Head(session, own_us or copied_us or written_us, cwd, is_branch=own_us is None and copied_us is not None)


def _decoded(line: bytes) -> _Line:
    try:
        return DECODER.decode(line)
    except UNDECODABLE:
        return _Line()


def _text(encoded: bytes) -> str:
    try:
        return TEXT_DECODER.decode(encoded)
    except UNDECODABLE:
        return ""


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""
