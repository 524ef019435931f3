"""Values of decoded JSON of any shape, as the type that is wanted or as nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from exporter.sources.json_repair import repaired

Value = TypeVar("Value")

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
MAX_NUMBER = 10**15
MAX_REPAIRED_BYTES = 1 << 20  # a repair, for which all other work waits, takes up to a second then
ANY = msgspec.json.Decoder()


def lenient(text: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[Value]) -> Value | None:
    """The value of a JSON text, repaired where it is needed and not too long; None if it cannot be decoded.

    Claude Code writes lone surrogates where a text was cut within a character, and strict JSON rejects them.
    """
    try:
        return decoder.decode(text)
    except UNDECODABLE:
        if len(memoryview(text)) > MAX_REPAIRED_BYTES:
            return None
    try:
        return decoder.decode(repaired(bytes(text)))
    except UNDECODABLE:
        return None


def decoded(raw: msgspec.Raw) -> object:
    """The value of a nested object; None if it cannot be decoded."""
    return lenient(raw, ANY)


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[Any]:
    """The array, or an empty one."""
    return value if isinstance(value, list) else ()


def string(value: object) -> str:
    """The string, or an empty one."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else ""  # PostgreSQL cannot store NUL


def integer(value: object) -> int:
    """The integer, or 0."""
    return value if type(value) is int and 0 <= value < MAX_NUMBER else 0  # true and false are not numbers


def amount(value: object) -> float | None:
    """The number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_NUMBER:
        return None
    return value
