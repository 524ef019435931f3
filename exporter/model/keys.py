"""Keys: hashes by which a thing is recognized in all files and over restarts."""

from __future__ import annotations

from hashlib import blake2b


def key_of(name: bytes) -> int:
    """A hash of 63 bits, which fits an integer of SQLite."""
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1
