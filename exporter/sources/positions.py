"""Positions in files that are read on from where they were read to."""

from __future__ import annotations

import msgspec


class Position(msgspec.Struct, frozen=True, gc=False):
    """A position in a file: an offset, and a digest of the TAIL_BYTES that precede it.

    In a JSON array the offset is a number of elements, and `tail` has the digests of those that precede it, up to
    TAIL_BYTES in all.
    """

    offset: int = 0
    tail: bytes = b""
