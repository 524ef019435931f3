"""Reads the new whole lines of a growing file from a remembered position."""

from __future__ import annotations

import os
from hashlib import blake2b

import msgspec

from exporter.sources.files import LogFile
from exporter.sources.json_repair import repaired

CHUNK_BYTES = 8 << 20
MAX_LINE_BYTES = 64 << 20
BOM = b"\xef\xbb\xbf"
TAIL_BYTES = 256
JSON_DECODER: msgspec.json.Decoder[object] = msgspec.json.Decoder()
ARRAY_DECODER = msgspec.json.Decoder(list[msgspec.Raw])


class Position(msgspec.Struct, frozen=True, gc=False):
    """A position in a file: an offset in bytes (in elements for a JSON array), and a digest of what precedes it."""

    offset: int = 0
    tail: bytes = b""


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Whole lines of a file from `start` on; `more` lines may follow in the file.

    A line longer than MAX_LINE_BYTES is skipped: it is counted in `torn`, and its bytes only in `bytes_read`.
    """

    data: bytes
    start: int
    bytes_read: int
    more: bool = False
    array: bool = False
    torn: int = 0

    def lines(self) -> list[bytes]:
        """All lines, including blank ones."""
        return self.data.split(b"\n")

    def offset_after(self, lines: list[bytes]) -> int:
        """The offset after these first lines."""
        return self.start + (len(lines) if self.array else sum(map(len, lines)) + len(lines))

    @property
    def end(self) -> int:
        """The offset after the whole chunk."""
        return self.start + (self.data.count(b"\n") + 1 if self.array else self.bytes_read)


def read_chunk(file: LogFile, position: Position) -> Chunk | None:
    """Read whole lines after `position`, up to CHUNK_BYTES; None if there are none yet or the file has vanished.

    An incomplete last line is left for later. If the content before the position has changed because the file shrank,
    was rotated or rewritten, it is read from the start. Raises OSError if it cannot be read.
    """
    try:
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    try:
        if _is_array(descriptor):
            return _array_chunk(descriptor, position)
        return _line_chunk(descriptor, position.offset if _continues(descriptor, position) else 0, file.size)
    finally:
        os.close(descriptor)


def position_at(file: LogFile, chunk: Chunk, offset: int) -> Position:
    """The position of an offset within a chunk that was just read."""
    if chunk.array:
        elements = chunk.lines()[: offset - chunk.start]
        return Position(offset, digest(elements[-1]) if elements else b"")
    tail = chunk.data[: offset - chunk.start][-TAIL_BYTES:] if chunk.data else b""
    if len(tail) == min(TAIL_BYTES, offset):
        return Position(offset, digest(tail))
    descriptor = os.open(file.path, os.O_RDONLY)
    try:
        return Position(offset, _tail_digest(descriptor, offset))
    finally:
        os.close(descriptor)


def _continues(descriptor: int, position: Position) -> bool:
    return position.offset == 0 or _tail_digest(descriptor, position.offset) == position.tail


def _tail_digest(descriptor: int, offset: int) -> bytes:
    start = max(0, offset - TAIL_BYTES)
    return digest(os.pread(descriptor, offset - start, start))


def digest(data: bytes) -> bytes:
    """A digest of eight bytes."""
    return blake2b(data, digest_size=8).digest()


def _line_chunk(descriptor: int, start: int, size: int) -> Chunk | None:
    """Read lines up to the size that the file had when it was listed; later ones are left for the next listing."""
    data = os.pread(descriptor, min(CHUNK_BYTES, size - start), start) if size > start else b""
    if data and b"\n" not in data:
        data = _long_line(descriptor, start, size)
    end = data.rfind(b"\n") + 1
    if end < len(data) and start + len(data) >= size and _is_whole(data[end:]):
        end = len(data)
    if end:
        return Chunk(data[:end] if end < len(data) else data, start, end, more=len(data) >= CHUNK_BYTES)
    if len(data) >= MAX_LINE_BYTES:
        return Chunk(b"", start, _line_end(descriptor, start + len(data)) - start, more=True, torn=1)
    return None


def _long_line(descriptor: int, offset: int, file_size: int) -> bytes:
    """Read a line that is longer than a chunk, up to MAX_LINE_BYTES."""
    size = CHUNK_BYTES
    while size < MAX_LINE_BYTES:
        size *= 2
        data = os.pread(descriptor, min(size, file_size - offset), offset)
        if b"\n" in data or len(data) < size:
            return data
    return data


def _line_end(descriptor: int, offset: int) -> int:
    """The end of the line that contains `offset`, or the end of the file."""
    while piece := os.pread(descriptor, CHUNK_BYTES, offset):
        if newline := piece.find(b"\n") + 1:
            return offset + newline
        offset += len(piece)
    return offset


def _is_whole(data: bytes) -> bool:
    """Whether a last line without a newline is nevertheless a complete object."""
    if not data.rstrip().endswith(b"}"):
        return False
    try:
        JSON_DECODER.decode(data.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_array(descriptor: int) -> bool:
    return os.pread(descriptor, 64, 0).removeprefix(BOM).lstrip().startswith(b"[")


def _array_chunk(descriptor: int, position: Position) -> Chunk | None:
    """Read the new elements of a JSON array as lines; none while its writer is still rewriting the file."""
    data = os.pread(descriptor, os.fstat(descriptor).st_size, 0).removeprefix(BOM)
    elements = [element.replace(b"\n", b" ") for element in _elements(data)]
    start = _read_elements(elements, position)
    new = b"\n".join(elements[start:])
    return Chunk(new, start, len(new), array=True) if new else None


def _read_elements(elements: list[bytes], position: Position) -> int:
    """How many elements were read before; the last of them may have moved because the writer drops old ones."""
    if not position.tail:
        return position.offset if position.offset <= len(elements) else 0
    if digest(b"".join(elements[position.offset - 1 : position.offset])) == position.tail:
        return position.offset
    return next((n for n in range(len(elements), 0, -1) if digest(elements[n - 1]) == position.tail), 0)


def _elements(array: bytes) -> list[bytes]:
    for repair in (bytes, repaired):
        try:
            return [bytes(element) for element in ARRAY_DECODER.decode(repair(array))]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return []
