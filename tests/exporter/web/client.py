"""A client that can misbehave on purpose."""

import http.client
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from exporter.web.http.server import MetricsServer

PATIENCE = 60.0  # a guard against hanging, never a verdict


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def connect(server: MetricsServer, tls: ssl.SSLContext | None = None) -> socket.socket:
    if tls:
        return connect_tls(server, tls)
    return socket.create_connection((server.address.host, server.address.port), PATIENCE)


def connect_tls(server: MetricsServer, tls: ssl.SSLContext) -> ssl.SSLSocket:
    # wrap_socket() takes over the plain socket, and closes it if the handshake fails.
    return tls.wrap_socket(connect(server), server_hostname="localhost")


def read_reply(sock: socket.socket, method: str = "GET") -> Reply:
    with http.client.HTTPResponse(sock, method=method) as response:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, response.read())


def request_bytes(path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def get(
    server: MetricsServer,
    path: str = "/metrics",
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    tls: ssl.SSLContext | None = None,
) -> Reply:
    return exchange(server, request_bytes(path, method, headers), method=method, tls=tls)


def exchange(server: MetricsServer, raw: bytes, *, method: str = "GET", tls: ssl.SSLContext | None = None) -> Reply:
    with connect(server, tls) as sock:
        sock.sendall(raw)
        return read_reply(sock, method)


def read_to_end(sock: socket.socket) -> bytes:
    """What the server sends until it closes or resets the connection."""
    received = b""
    try:
        while chunk := sock.recv(1 << 16):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def is_closed(sock: socket.socket) -> bool:
    """Whether the server has closed a connection on which it has sent nothing."""
    poll = select.poll()  # select() ends at descriptor 1023
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0)) and not read_to_end(sock)


def until(condition: Callable[[], bool]) -> None:
    """Wait until another thread or process has done something."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
