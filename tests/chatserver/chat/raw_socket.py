"""A WebSocket client that does on purpose what well-behaved ones do not."""

from __future__ import annotations

import json
import os
import socket
import struct
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
QUERY = "EIO=4&transport=websocket"


@dataclass(frozen=True)
class Closed:
    """How the server ended: its close frame, None for none."""

    code: int | None
    reason: str = ""


class RawSocket:
    """A socket after its handshake, or refused at it: then `status` tells."""

    def __init__(
        self, url: str, headers: Mapping[str, str | None] | None = None, query: str = QUERY, method: str = "GET"
    ) -> None:
        where = urlsplit(url)
        self.sock = socket.create_connection((where.hostname, where.port), TIMEOUT_SECONDS)
        given = {
            "Host": where.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | dict(headers or {})
        lines = [f"{method} /socket.io/?{query} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in given.items() if value is not None]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        self._buffer = b""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        self.head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        self.status = int(self.head.split()[1])

    def __enter__(self) -> RawSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def body(self) -> str:
        """What a refused handshake was told."""
        length = next(
            int(line.split(b":")[1]) for line in self.head.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        while len(self._buffer) < length:
            self._more()
        return self._buffer[:length].decode()

    def join(self, token: str, **auth: object) -> None:
        """Connect the default namespace."""
        assert self.packet().startswith("0{")
        self.send("40" + json.dumps({"token": token} | auth))
        assert self.packet().startswith("40{")

    def emit(self, name: str, payload: object, ack_id: int | str = "") -> None:
        self.send(f"42{ack_id}" + json.dumps([name, payload]))

    def send(self, data: str | bytes, opcode: int = TEXT, *, final: bool = True) -> None:
        self.sock.sendall(frame(data.encode() if isinstance(data, str) else data, opcode, final=final))

    def packet(self) -> str:
        """The next text; pings of the WebSocket are none."""
        received = self.receive()
        assert isinstance(received, str), received
        return received

    def receive(self) -> str | Closed:
        """The next text, or the end."""
        try:
            opcode, payload = self._frame()
        except (EOFError, ConnectionError):
            return Closed(None)
        if opcode == CLOSE:
            return Closed(struct.unpack("!H", payload[:2])[0], payload[2:].decode())
        return payload.decode()

    def end(self) -> Closed:
        """How the server ends, whatever it says before."""
        while not isinstance(received := self.receive(), Closed):
            pass
        return received

    def is_cut(self) -> bool:
        """Whether the server let go of the connection; it waits for that."""
        try:
            while self.sock.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 127
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        return first & 15, self._take(length)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self._buffer += data


def frame(payload: bytes, opcode: int = TEXT, *, final: bool = True, masked: bool = True, rsv: int = 0) -> bytes:
    """A client's frame."""
    length = len(payload)
    size, more = (
        (length, b"")
        if length < 126
        else (126, struct.pack("!H", length))
        if length < 2**16
        else (127, struct.pack("!Q", length))
    )
    head = bytes([(0x80 if final else 0) | rsv << 4 | opcode, (0x80 if masked else 0) | size]) + more
    return head + (bytes(4) if masked else b"") + payload
