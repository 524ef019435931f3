"""The new whole lines of a file that others append to, from a remembered position on."""

from __future__ import annotations

import os
from hashlib import blake2b

import msgspec

from exporter.sources.files import LogFile
from exporter.sources.json_repair import repaired

CHUNK_BYTES = 8 << 20
LONGEST_LINE = 64 << 20
BOM = b"\xef\xbb\xbf"
TAIL_BYTES = 256
JSON_DECODER: msgspec.json.Decoder[object] = msgspec.json.Decoder()
ARRAY_DECODER = msgspec.json.Decoder(list[msgspec.Raw])


class Position(msgspec.Struct, frozen=True, gc=False):
    """How far a file has been read: bytes (elements, for a JSON array), and a digest of what stands just before."""

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
            return _array_chunk(descriptor, position)
        return _line_chunk(descriptor, position.offset if _continues(descriptor, position) else 0, file.size)
    finally:
        os.close(descriptor)


def position_at(file: LogFile, chunk: Chunk, offset: int) -> Position:
    """The position to remember once `offset` is reached."""
    if chunk.array:
        elements = chunk.lines()[: offset - chunk.start]
        return Position(offset, digest(elements[-1]) if elements else b"")
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


def _line_chunk(descriptor: int, start: int, size: int) -> Chunk | None:
    """The lines up to the size that the file had when it was looked at; the rest waits for the next look."""
    data = os.pread(descriptor, min(CHUNK_BYTES, size - start), start) if size > start else b""
    if data and b"\n" not in data:
        data = _longer(descriptor, start, size)
    end = data.rfind(b"\n") + 1
    if end < len(data) and start + len(data) >= size and _is_whole(data[end:]):
        end = len(data)
    if end:
        return Chunk(data[:end] if end < len(data) else data, start, end, more=len(data) >= CHUNK_BYTES)
    if len(data) >= LONGEST_LINE:
        return Chunk(b"", start, _behind_line(descriptor, start + len(data)) - start, more=True, torn=1)
    return None


def _longer(descriptor: int, offset: int, file_size: int) -> bytes:
    """One line that is longer than a chunk, up to the bound."""
    size = CHUNK_BYTES
    while size < LONGEST_LINE:
        size *= 2
        data = os.pread(descriptor, min(size, file_size - offset), offset)
        if b"\n" in data or len(data) < size:
            return data
    return data


def _behind_line(descriptor: int, offset: int) -> int:
    """Where the line ends that `offset` is inside of, or where the file ends."""
    while piece := os.pread(descriptor, CHUNK_BYTES, offset):
        if newline := piece.find(b"\n") + 1:
            return offset + newline
        offset += len(piece)
    return offset


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


def _array_chunk(descriptor: int, position: Position) -> Chunk | None:
    """The new elements of a JSON array, a line each; one that its writer has half rewritten is kept back."""
    data = os.pread(descriptor, os.fstat(descriptor).st_size, 0).removeprefix(BOM)
    elements = [element.replace(b"\n", b" ") for element in _elements(data)]
    start = _counted(elements, position)
    new = b"\n".join(elements[start:])
    return Chunk(new, start, len(new), array=True) if new else None


def _counted(elements: list[bytes], position: Position) -> int:
    """How many elements are counted: up to the last one that was, wherever a writer that drops old ones moved it."""
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
