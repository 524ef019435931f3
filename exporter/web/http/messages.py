"""HTTP requests and responses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus

TARGET_PATH = re.compile(r"(?:https?://[^/?#]*)?([^?#]*)", re.IGNORECASE)

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that its response depends on."""

    method: str
    path: str
    accept: str = ""
    accept_encoding: str = ""
    authorization: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A response; the connection adds Content-Length and Date."""

    status: HTTPStatus
    headers: tuple[Header, ...]
    body: bytes

    def with_headers(self, headers: Iterable[Header]) -> "Response":
        """The same response with more headers."""
        return replace(self, headers=(*self.headers, *headers))


def plain_text(status: HTTPStatus, text: str, *headers: Header) -> Response:
    """A response with one line of plain text."""
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), f"{text}\n".encode())


def path_of(target: str) -> str:
    """The path of a request target, which may be in the absolute form that proxies send."""
    match = TARGET_PATH.match(target)
    return (match and match[1]) or "/"


def parse_request(method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Request:
    """The request; the values of a repeated header are joined into one list, as HTTP defines."""
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
        host=values.get(b"host", ""),
    )
