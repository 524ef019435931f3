"""The limits of clients in time, bytes and number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Timeouts in seconds, and maximum numbers of bytes and connections."""

    handshake: float = 10.0
    head: float = 10.0  # receiving a whole request, from its first byte; the first one, from the connect
    idle: float = 120.0  # between two requests; Prometheus scrapes every 15 to 60 s
    page: float = 60.0  # building a page
    send: float = 30.0  # sending a whole response
    stop: float = 2.0  # finishing responses once the server stops
    head_bytes: int = 16 * 1024
    body_bytes: int = 64 * 1024  # read and discarded, because no route uses a body
    connections: int = 512
