"""Server-sent events: their text, and its framing in a chunked response."""

from __future__ import annotations

from dataclasses import dataclass

RETRY_MILLISECONDS = 3000


@dataclass(frozen=True, slots=True)
class Frame:
    """Events as bytes for all clients: plain, and framed as a chunk."""

    plain: bytes
    chunked: bytes
    message_id: str = ""

    @classmethod
    def of(cls, events: str, message_id: str = "") -> Frame:
        """Encode the text of events."""
        plain = events.encode()
        return cls(plain, b"%x\r\n%s\r\n" % (len(plain), plain), message_id)


def event(data: str, *, name: str = "", message_id: str = "") -> str:
    """The text of one event; the data must be one line."""
    head = "".join(f"{field}: {value}\n" for field, value in (("event", name), ("id", message_id)) if value)
    return f"{head}data: {data}\n\n"


def retry() -> str:
    """The text that sets how long clients wait before they reconnect."""
    return f"retry: {RETRY_MILLISECONDS}\n\n"


HEARTBEAT = Frame.of(": still here\n\n")
