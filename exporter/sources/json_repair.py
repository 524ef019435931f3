"""Repairs what strict JSON rejects but real files contain, in place, so that all other bytes are kept.

Calls without ids are paired by the bytes of their input: a line that was re-encoded would not match.
"""

from __future__ import annotations

import re

TOKEN = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?'  # a string, perhaps unterminated
    rb"|(?P<no_json>NaN|-?Infinity"
    rb"|-?\d[\d.]*+[eE]\+?0*+(?:\d{4,}|[4-9]\d\d|3[1-9]\d|309))"  # not a number, or too large for a float
    rb"|\d[\d.]*+",
    re.DOTALL,
)
ESCAPE = re.compile(
    rb"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"  # a surrogate pair is one character
    rb"|(?P<lone>\\u[dD][89a-fA-F][\da-fA-F]{2})|\\.",
    re.DOTALL,
)


def repaired(data: bytes) -> bytes:
    """The JSON with U+FFFD for lone surrogates and invalid UTF-8, and null for NaN, infinity and overflows."""
    return TOKEN.sub(_token, valid_utf8(data))


def valid_utf8(data: bytes) -> bytes:
    """The text with invalid UTF-8 replaced by U+FFFD."""
    return data if data.isascii() else data.decode("utf-8", "replace").encode()


def _token(match: re.Match[bytes]) -> bytes:
    if match["no_json"]:
        return b"null"
    text = match[0]
    return ESCAPE.sub(_escape, text) if b"\\u" in text else text


def _escape(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["lone"] else match[0]
