"""Server-sent events: their text, and its framing in a response of chunks."""

from __future__ import annotations

from dataclasses import dataclass

RETRY_MILLISECONDS = 3000


@dataclass(frozen=True, slots=True)
class Frame:
    """Some events as they go over the wire, made once for all clients: bare, and framed as a chunk."""

    plain: bytes
    chunked: bytes
    message_id: str = ""

    @classmethod
    def of(cls, events: str, message_id: str = "") -> Frame:
        """The frame of events."""
        plain = events.encode()
        return cls(plain, b"%x\r\n%s\r\n" % (len(plain), plain), message_id)


def event(data: str, *, name: str = "", message_id: str = "") -> str:
    """One event; its data is one line."""
    head = "".join(f"{field}: {value}\n" for field, value in (("event", name), ("id", message_id)) if value)
    return f"{head}data: {data}\n\n"


def retry() -> str:
    """How long a client that lost its stream waits before it asks for another."""
    return f"retry: {RETRY_MILLISECONDS}\n\n"


HEARTBEAT = Frame.of(": still here\n\n")
