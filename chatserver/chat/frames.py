"""WebSocket frames: to send, and as received from clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import TypeAlias

from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode, ParseFailed


class FrameError(Exception):
    """The client violated the WebSocket protocol or a limit; `code` is for the close frame."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping of the WebSocket protocol."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """A pong of the WebSocket protocol."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A close frame."""


Incoming: TypeAlias = str | Ping | Pong | Closed


def text_frame(text: str) -> bytes:
    """The frame of a text message."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text))


def pong_frame(payload: bytes) -> bytes:
    """The frame of the answer to a ping."""
    return bytes(FrameProtocol(client=False, extensions=[]).pong(payload))


def close_frame(code: int, sentence: str = "") -> bytes:
    """The frame that closes the connection."""
    return bytes(FrameProtocol(client=False, extensions=[]).close(code, sentence))


class FrameReader:
    """Assembles a client's messages of up to `limit` bytes. It is for one thread."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._protocol = FrameProtocol(client=False, extensions=[])
        self._message = StringIO()
        self._size = 0

    def read_frames(self, data: bytes) -> Iterator[Incoming | None]:
        """Yield what each frame completes, None for an incomplete message. Raises FrameError."""
        self._protocol.receive_bytes(data)
        try:
            for frame in self._protocol.received_frames():
                if frame.opcode.iscontrol() or frame.frame_finished:
                    yield self._completed(frame)
                else:
                    self._append(frame)
        except ParseFailed as error:
            raise FrameError(error.code, "The frame violates the WebSocket protocol.") from error

    def _completed(self, frame: Frame) -> Incoming | None:
        if frame.opcode is Opcode.PING:
            return Ping(bytes(frame.payload))  # type: ignore[arg-type]  # a ping's is bytes
        if frame.opcode is Opcode.PONG:
            return Pong()
        if frame.opcode is Opcode.CLOSE:
            return Closed()
        self._append(frame)
        if not frame.message_finished:
            return None
        message, self._message, self._size = self._message.getvalue(), StringIO(), 0
        return message

    def _append(self, frame: Frame) -> None:
        if not isinstance(frame.payload, str):
            raise FrameError(CloseReason.UNSUPPORTED_DATA, "Binary messages are not supported.")
        self._size += len(frame.payload.encode())
        if self._size > self.limit:
            raise FrameError(CloseReason.MESSAGE_TOO_BIG, f"The message is larger than {self.limit} bytes.")
        self._message.write(frame.payload)
