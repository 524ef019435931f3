"""Requests and responses, as far as this server needs them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus

TARGET_PATH = re.compile(r"(?:https?://[^/?#]*)?([^?#]*)", re.IGNORECASE)

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request decides its answer."""

    method: str
    path: str
    accept: str = ""
    accept_encoding: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer; the connection adds its length and date."""

    status: HTTPStatus
    headers: tuple[Header, ...]
    body: bytes

    def with_headers(self, headers: Iterable[Header]) -> "Response":
        """Return the same answer with further headers."""
        return replace(self, headers=(*self.headers, *headers))


def sentence(status: HTTPStatus, text: str, *headers: Header) -> Response:
    """Return an answer that is one sentence for people."""
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), f"{text}\n".encode())


def path_of(target: str) -> str:
    """Return the path of a request target, also of the absolute form that proxies send."""
    match = TARGET_PATH.match(target)
    return (match and match[1]) or "/"


def parse_request(method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Request:
    """Return the request; a header that comes several times is one list, as HTTP says."""
    values: dict[bytes, str] = {}
    for name, value in headers:
        text = value.decode("latin-1")
        values[name] = f"{values[name]},{text}" if name in values else text
    return Request(
        method=method.decode("ascii"),
        path=path_of(target.decode("latin-1")),
        accept=values.get(b"accept", ""),
        accept_encoding=values.get(b"accept-encoding", ""),
        authorization=values.get(b"authorization", ""),
    )
