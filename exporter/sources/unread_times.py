"""When the first line that was not read yet was written."""

from __future__ import annotations

from typing import Any

import msgspec

from exporter.sources.files import LogFile
from exporter.sources.lines import read_chunk
from exporter.sources.positions import Position
from exporter.sources.timestamps import to_us

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Line(msgspec.Struct, gc=False):
    """The fields of a line of any log that have its time; `copied_from` is only in the copied lines of a branch."""

    logged_at: Any = None
    timestamp: Any = None
    ts: Any = None
    copied_from: msgspec.Raw = msgspec.field(name="forkedFrom", default=msgspec.Raw())


DECODER = msgspec.json.Decoder(_Line)


def first_unread_us(file: LogFile, position: Position) -> int | None:
    """The time of the first own line after a position; that of the last write if it is not in the first of them.

    None if there is no whole line. Raises OSError if the file cannot be read.
    """
    chunk = read_chunk(file, position, small=True)
    if chunk is None:
        return None
    times = map(_time_us, chunk.lines())
    return next((time_us for time_us in times if time_us is not None), file.written_us)


def _time_us(line: bytes) -> int | None:
    try:
        decoded = DECODER.decode(line)
    except UNDECODABLE:
        return None
    if decoded.copied_from:
        return None
    times = map(to_us, (decoded.logged_at, decoded.timestamp, decoded.ts))
    return next((time_us for time_us in times if time_us is not None), None)
