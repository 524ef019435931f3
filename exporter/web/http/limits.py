"""How long and how much one client may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and connections that the server grants."""

    handshake: float = 10.0
    head: float = 10.0  # one whole request from its first byte, the first one from connect
    idle: float = 120.0  # between two requests: Prometheus scrapes every 15 to 60 s
    page: float = 60.0  # computing one answer
    send: float = 30.0  # taking one whole answer
    stop: float = 2.0  # running answers, once the server is told to stop
    head_bytes: int = 16 * 1024
    body_bytes: int = 64 * 1024  # read and dropped: no route has a use for a body
    connections: int = 512
