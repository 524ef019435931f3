"""Reads the new whole lines of a growing file from a remembered position."""

from __future__ import annotations

import errno
from hashlib import blake2b

import msgspec

from exporter.sources.files import LogFile
from exporter.sources.json_arrays import Elements, parse_array, starts_array
from exporter.sources.log_content import LogContent, open_content
from exporter.sources.positions import Position

CHUNK_BYTES = 2 << 20  # while a chunk is split into lines, no other thread runs
SMALL_CHUNK_BYTES = 1 << 18
MAX_COMPRESSED_CHUNKS = 16  # each of them decompresses all that precedes it
MAX_LINE_BYTES = 64 << 20
MAX_ARRAY_BYTES = 64 << 20  # an array is read whole
BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 256
TAIL_BYTES = 256
DIGEST_BYTES = 8
JSON_DECODER: msgspec.json.Decoder[object] = msgspec.json.Decoder()


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Whole lines of a file from `start` on; `more` lines may follow in the file.

    A line longer than MAX_LINE_BYTES is skipped: it is counted in `torn`, and its bytes only in `bytes_read`.
    In an array, `tail` has the digests of the elements before `start`.
    """

    data: bytes
    start: int
    bytes_read: int
    more: bool = False
    array: bool = False
    torn: int = 0
    tail: bytes = b""

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


def read_chunk(file: LogFile, position: Position, *, small: bool = False) -> Chunk | None:
    """Read whole lines after `position`, up to CHUNK_BYTES; None if there are none yet or the file has vanished.

    An incomplete last line is left for later. If the content before the position has changed because the file shrank,
    was rotated or rewritten, it is read from the start. Raises OSError if it cannot be read.
    """
    content = open_content(file.path)
    if content is None:
        return None
    try:
        if _is_array(content):
            return _array_chunk(content, position)
        start = position.offset if _continues(content, position) else 0
        return _line_chunk(content, start, file.size, _max_chunk_bytes(file, small=small))
    finally:
        content.close()


def continues(file: LogFile, position: Position) -> bool:
    """Whether the file still has the content before the position, or may have it once it is written. Raises OSError."""
    content = open_content(file.path)
    if content is None:
        return False
    try:
        if _is_array(content):
            return _elements_read(_elements(content), position) != 0
        return _continues(content, position)
    finally:
        content.close()


def _max_chunk_bytes(file: LogFile, *, small: bool) -> int:
    least = SMALL_CHUNK_BYTES if small else CHUNK_BYTES
    return max(least, min(file.size // MAX_COMPRESSED_CHUNKS, MAX_LINE_BYTES)) if file.is_compressed else least


def position_at(file: LogFile, chunk: Chunk, offset: int) -> Position:
    """The position of an offset within a chunk that was just read."""
    if chunk.array:
        return Position(offset, _digests(chunk.lines()[: offset - chunk.start], after=chunk.tail))
    tail = chunk.data[: offset - chunk.start][-TAIL_BYTES:] if chunk.data else b""
    if len(tail) == min(TAIL_BYTES, offset):
        return Position(offset, digest(tail))
    content = open_content(file.path)
    if content is None:
        raise FileNotFoundError(errno.ENOENT, "it was removed while it was read", file.path)
    try:
        return Position(offset, _tail_digest(content, offset))
    finally:
        content.close()


def _continues(content: LogContent, position: Position) -> bool:
    return position.offset == 0 or _tail_digest(content, position.offset) == position.tail


def _tail_digest(content: LogContent, offset: int) -> bytes:
    start = max(0, offset - TAIL_BYTES)
    return digest(content.read_at(offset - start, start))


def digest(data: bytes) -> bytes:
    """A digest of DIGEST_BYTES."""
    return blake2b(data, digest_size=DIGEST_BYTES).digest()


def _digests(elements: list[bytes], after: bytes = b"") -> bytes:
    """The digests of the last elements, up to TAIL_BYTES in all; `after` has those of the elements before."""
    return (after + b"".join(map(digest, elements[-TAIL_BYTES // DIGEST_BYTES :])))[-TAIL_BYTES:]


def _line_chunk(content: LogContent, start: int, size: int, max_bytes: int) -> Chunk | None:
    """Read lines up to the size that the file had when it was listed; later ones are left for the next listing."""
    data = content.read_at(min(max_bytes, size - start), start) if size > start else b""
    if data and b"\n" not in data:
        data = _long_line(content, start, size, max_bytes)
    end = data.rfind(b"\n") + 1
    if end < len(data) and start + len(data) >= size and _is_whole(data[end:]):
        end = len(data)
    if end:
        return Chunk(data[:end] if end < len(data) else data, start, end, more=len(data) >= max_bytes)
    if len(data) >= MAX_LINE_BYTES:
        return Chunk(b"", start, _line_end(content, start + len(data)) - start, more=True, torn=1)
    return None


def _long_line(content: LogContent, offset: int, file_size: int, size: int) -> bytes:
    """Read a line that is longer than a chunk, up to MAX_LINE_BYTES."""
    while size < MAX_LINE_BYTES:
        size *= 2
        data = content.read_at(min(size, file_size - offset), offset)
        if b"\n" in data or len(data) < size:
            return data
    return data


def _line_end(content: LogContent, offset: int) -> int:
    """The end of the line that contains `offset`, or the end of the file."""
    while piece := content.read_at(CHUNK_BYTES, offset):
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


def _is_array(content: LogContent) -> bool:
    return starts_array(content.read_at(HEAD_BYTES, 0).removeprefix(BOM)) and not _has_lines(content)


def _has_lines(content: LogContent) -> bool:
    """Whether the second line is the start of a record, but no part of an array: only `[`, `,` or `:` precede a `{`."""
    end = _line_end(content, 0)
    before = content.read_at(min(end, TAIL_BYTES), max(0, end - TAIL_BYTES)).rstrip()
    return content.read_at(1, end) == b"{" and not before.endswith((b"[", b",", b":"))


def _array_chunk(content: LogContent, position: Position) -> Chunk | None:
    """Read the new elements of a JSON array as lines; None if there are none yet."""
    elements = _elements(content)
    start = _elements_read(elements, position)
    if start is None or start >= len(elements.texts):
        return None
    new = b"\n".join(elements.texts[start:])
    return Chunk(new, start, len(new), array=True, tail=_digests(elements.texts[:start]))


def _elements(content: LogContent) -> Elements:
    size = content.size
    if size > MAX_ARRAY_BYTES:
        limit = MAX_ARRAY_BYTES >> 20
        raise OSError(errno.EFBIG, f"a JSON array of more than {limit} MB, write one record per line instead")
    return parse_array(content.read_at(size, 0).removeprefix(BOM))


def _elements_read(elements: Elements, position: Position) -> int | None:
    """How many elements were read before; None if only the whole array will show it.

    Their indexes change if the writer drops old ones. A damaged one that was read may have become whole since: then it
    is new, and those before it show the index.
    """
    texts, offset = elements.texts, position.offset
    if not offset or b"".join(map(digest, texts[offset - 1 : offset])) == position.tail[-DIGEST_BYTES:]:
        return offset
    if not elements.is_closed:
        return None
    digests = [*map(digest, texts)]
    indexes = {known: index for index, known in enumerate(digests)}
    for lost, end in enumerate(range(len(position.tail), 0, -DIGEST_BYTES)):
        known, expected = position.tail[end - DIGEST_BYTES : end], offset - 1 - lost
        index = expected if digests[expected : expected + 1] == [known] else indexes.get(known)
        if index is not None:
            return index + 1 + _damaged_from(elements, index + 1, lost)
    return 0


def _damaged_from(elements: Elements, start: int, limit: int) -> int:
    """The number of damaged elements in a row from `start` on, up to a limit."""
    return next((n for n in range(limit) if start + n not in elements.damaged), limit)
