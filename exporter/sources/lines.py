"""The new whole lines of a file that others append to, from a remembered position on."""

from __future__ import annotations

import json
import os
from hashlib import blake2b

import msgspec

from exporter.sources.log_folders import LogFile

CHUNK_BYTES = 8 << 20
LONGEST_LINE = 64 << 20
BOM = b"\xef\xbb\xbf"
TAIL_BYTES = 256
JSON_DECODER: msgspec.json.Decoder[object] = msgspec.json.Decoder()


class Position(msgspec.Struct, frozen=True, gc=False):
    """How far a file has been read: bytes (elements, for a JSON array), and a digest of the bytes just before."""

    offset: int = 0
    tail: bytes = b""


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Whole lines as they stand in the file, from `start` on; `more` lines may follow in the file.

    A line that outgrew every bound is given up: `torn` counts it, and its bytes are in `bytes_read` alone.
    """

    data: bytes
    start: int
    bytes_read: int
    more: bool = False
    array: bool = False
    torn: int = 0

    def lines(self) -> list[bytes]:
        """The lines, blank ones among them."""
        return self.data.split(b"\n")

    def offset_after(self, lines: list[bytes]) -> int:
        """How far the file is read once these first lines are counted."""
        return self.start + (len(lines) if self.array else sum(map(len, lines)) + len(lines))

    @property
    def end(self) -> int:
        """How far the file is read once all of it is counted."""
        return self.start + (self.data.count(b"\n") + 1 if self.array else self.bytes_read)


def read_chunk(file: LogFile, position: Position) -> Chunk | None:
    """The whole lines behind `position`, up to a bounded size; None where there are none yet, or the file has vanished.

    A last line that is not yet whole is kept back. Where the file no longer holds what stood before the position (it
    shrank, or was rotated or rewritten), it is read from its start. Raises OSError where it cannot be read.
    """
    try:
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    try:
        if _is_array(descriptor):
            return _array_chunk(descriptor, position.offset)
        return _line_chunk(descriptor, position.offset if _continues(descriptor, position) else 0)
    finally:
        os.close(descriptor)


def position_at(file: LogFile, chunk: Chunk, offset: int) -> Position:
    """The position to remember once `offset` is reached."""
    if chunk.array:
        return Position(offset)
    behind = chunk.data[: offset - chunk.start][-TAIL_BYTES:] if chunk.data else b""
    if len(behind) == min(TAIL_BYTES, offset):
        return Position(offset, digest(behind))
    descriptor = os.open(file.path, os.O_RDONLY)
    try:
        return Position(offset, _tail(descriptor, offset))
    finally:
        os.close(descriptor)


def _continues(descriptor: int, position: Position) -> bool:
    return position.offset == 0 or _tail(descriptor, position.offset) == position.tail


def _tail(descriptor: int, offset: int) -> bytes:
    start = max(0, offset - TAIL_BYTES)
    return digest(os.pread(descriptor, offset - start, start))


def digest(data: bytes) -> bytes:
    """Eight bytes that stand for the data."""
    return blake2b(data, digest_size=8).digest()


def _line_chunk(descriptor: int, start: int) -> Chunk | None:
    waiting = os.fstat(descriptor).st_size - start
    data = os.pread(descriptor, min(CHUNK_BYTES, waiting), start) if waiting > 0 else b""
    if data and b"\n" not in data:
        data = _longer(descriptor, start)
    end = data.rfind(b"\n") + 1
    more = len(data) >= CHUNK_BYTES
    if end:
        return Chunk(data[:end] if end < len(data) else data, start, end, more)
    if data and _is_whole(data):
        return Chunk(data, start, len(data))
    if len(data) >= LONGEST_LINE:
        return Chunk(b"", start, len(data), more, torn=1)
    return None


def _longer(descriptor: int, offset: int) -> bytes:
    """One line that is longer than a chunk, up to the bound."""
    size = CHUNK_BYTES
    while size < LONGEST_LINE:
        size *= 2
        data = os.pread(descriptor, size, offset)
        if b"\n" in data or len(data) < size:
            return data
    return data


def _is_whole(data: bytes) -> bool:
    """Whether a last line without its newline is a whole object all the same."""
    if not data.rstrip().endswith(b"}"):
        return False
    try:
        JSON_DECODER.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_array(descriptor: int) -> bool:
    return os.pread(descriptor, 64, 0).removeprefix(BOM).lstrip().startswith(b"[")


def _array_chunk(descriptor: int, counted: int) -> Chunk | None:
    """The new elements of a JSON array, a line each; one that its writer has half rewritten is kept back."""
    data = os.pread(descriptor, os.fstat(descriptor).st_size, 0).removeprefix(BOM)
    elements = _elements(data)
    start = counted if counted <= len(elements) else 0
    new = b"\n".join(element.replace(b"\n", b" ") for element in elements[start:])
    return Chunk(new, start, len(new), array=True) if new else None


def _elements(array: bytes) -> list[bytes]:
    try:
        return [bytes(element) for element in msgspec.json.decode(array, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # lone surrogates and NaN stand in real files; the lenient decoder takes them
    try:
        return [json.dumps(element).encode() for element in json.loads(array.decode("utf-8", "replace"))]
    except (ValueError, RecursionError):
        return []
