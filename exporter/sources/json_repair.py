"""What strict JSON refuses but real files hold, put right in place, so that all the rest keeps its bytes.

Calls without ids are paired by the bytes of their input: a line that was written anew would find no partner.
"""

from __future__ import annotations

import re

TOKEN = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?'  # a text, or what there is of it
    rb"|(?P<no_json>NaN|-?Infinity"
    rb"|-?\d[\d.]*+[eE]\+?0*+(?:\d{4,}|[4-9]\d\d|3[1-9]\d|309))"  # no number, or one that outgrows a float
    rb"|\d[\d.]*+",
    re.DOTALL,
)
ESCAPE = re.compile(
    rb"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"  # a surrogate pair is one character
    rb"|(?P<lone>\\u[dD][89a-fA-F][\da-fA-F]{2})|\\.",
    re.DOTALL,
)


def repaired(data: bytes) -> bytes:
    """The same JSON with lone surrogates and bytes that are no UTF-8 as U+FFFD, and null for what is no number."""
    return TOKEN.sub(_token, valid_utf8(data))


def valid_utf8(data: bytes) -> bytes:
    """The same text with U+FFFD for each byte that is no UTF-8."""
    return data if data.isascii() else data.decode("utf-8", "replace").encode()


def _token(match: re.Match[bytes]) -> bytes:
    if match["no_json"]:
        return b"null"
    text = match[0]
    return ESCAPE.sub(_escape, text) if b"\\u" in text else text


def _escape(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["lone"] else match[0]
