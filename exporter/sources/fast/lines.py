"""Decodes whole files in one of `FORMATS` at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from exporter.sources.formats import FORMATS, OldEnd, OldStart, PayloadLine

FastStart = PayloadLine | OldStart
FastEnd = PayloadLine | OldEnd
START_DECODERS = tuple(form.start for form in FORMATS)
END_DECODERS = tuple(form.end for form in FORMATS)


def decode_starts_and_ends(starts: bytes, ends: bytes) -> tuple[list[FastStart], list[FastEnd]] | None:
    """The lines of both files, each in one of the formats; None if a file is empty or in another format."""
    start_lines = decode_fast(starts, START_DECODERS)
    end_lines = decode_fast(ends, END_DECODERS) if start_lines else None
    return (start_lines, end_lines) if start_lines and end_lines else None


def decode_fast(data: bytes, decoders: Sequence[msgspec.json.Decoder[Any]]) -> list[Any] | None:
    """The lines, all in the format of one of the decoders; None if they are not."""
    for decoder in decoders:
        try:
            lines: list[Any] = decoder.decode_lines(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return lines if _is_one_per_line(data, len(lines)) else None
    return None


def _is_one_per_line(data: bytes, objects: int) -> bool:
    """Whether each object is on its own line; the decoder also accepts two in one line, and one over two lines."""
    find, at = data.find, -1
    for _ in range(objects - 1):
        at = find(b"\n", at + 1)
        if data[at - 1 : at + 2] != b"}\n{":
            return False
    return data.startswith(b"{") and find(b"\n", at + 1) in {-1, len(data) - 1}
