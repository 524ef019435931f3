"""A client of streams that believes nothing: every chunk's framing is checked to the byte."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Mapping
from typing import Any

PATIENCE = 20.0


class Stream:
    """One open stream."""

    def __init__(
        self, port: int, path: str = "/stream", headers: Mapping[str, str] | None = None, receive: int | None = None
    ) -> None:
        self.socket = socket.socket()
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._data = b""
        head = self._until(b"\r\n\r\n").decode().split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:])}
        self._text = ""

    def event(self) -> dict[str, str]:
        """The next event; comments are events with the field of no name."""
        while "\n\n" not in self._text:
            chunk = self._chunk()
            assert chunk, "the stream has ended"
            self._text += chunk.decode()
        block, _, self._text = self._text.partition("\n\n")
        return {name: value for name, _, value in (line.partition(": ") for line in block.split("\n"))}

    def ended(self) -> bool:
        """Whether the response ends here, as it should."""
        return not self._text and self._chunk() == b""

    def is_broken(self) -> bool:
        """Whether the connection breaks off before the response has ended."""
        try:
            while self._chunk():
                pass
        except (ConnectionError, EOFError):
            return True
        return False

    def close(self) -> None:
        self.socket.close()

    def _chunk(self) -> bytes:
        size = int(self._until(b"\r\n"), 16)
        while len(self._data) < size + 2:
            self._receive()
        chunk, end, self._data = self._data[:size], self._data[size : size + 2], self._data[size + 2 :]
        assert end == b"\r\n", "a chunk is not as long as it says"
        return chunk

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._data:
            self._receive()
        found, _, self._data = self._data.partition(mark)
        return found

    def _receive(self) -> None:
        received = self.socket.recv(1 << 16)
        if not received:
            raise EOFError("the connection was closed")
        self._data += received


def post(port: int, path: str, body: str = "") -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body.encode(), method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> Any:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=dict(headers or {}))
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)
