"""Requests that gunicorn refuses before the app sees them, answered with problem documents like all others."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

FAULTS_OF_THE_APP = (InvalidResponseHeader, InvalidResponseHeaderName)
# The first that fits applies.
REFUSALS: tuple[tuple[type[ParseException], int, str], ...] = (
    (LimitRequestLine, 414, "The address of the request is too long; send a shorter query."),
    (LimitRequestHeaders, 431, "The headers of the request are too large; send fewer or shorter ones."),
    (UnsupportedTransferCoding, 501, "The transfer coding of the body is unknown; send it with a length, or chunked."),
    (ExpectationFailed, 417, "The header Expect has an unknown value; leave it out, or send 100-continue."),
    (ParseException, 400, "The request is not valid HTTP; send HTTP/1.1."),
)


def refusal(error: Any) -> bytes | None:
    """The response to a request that cannot be parsed; None if that is no fault of the client."""
    if isinstance(error, FAULTS_OF_THE_APP):
        return None
    return next((_response(status, detail) for kind, status, detail in REFUSALS if isinstance(error, kind)), None)


def _response(status: int, detail: str) -> bytes:
    """A whole response, after which the connection is closed: where the next request starts is unknown."""
    title = HTTPStatus(status).phrase
    # The app's own encoder cannot be used: gunicorn imports this before it patches the standard library.
    body = json.dumps(
        {"title": title, "status": status, "detail": detail, "type": "about:blank"}, separators=(",", ":")
    )
    head = (
        f"HTTP/1.1 {status} {title}",
        "Connection: close",
        "Content-Type: application/problem+json",
        "X-Content-Type-Options: nosniff",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", body)).encode()
