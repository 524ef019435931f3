"""WebSocket frames: those that the server sends, and the messages in those that a client sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import TypeAlias

from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode, ParseFailed


class FrameError(Exception):
    """What the client sent breaks the WebSocket protocol or its bounds; `code` is what it is closed with."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ping:
    """A question of the client's WebSocket whether the server is there."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """The client's WebSocket is there."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The client closes."""


Incoming: TypeAlias = str | Ping | Pong | Closed


def text_frame(text: str) -> bytes:
    """A message."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text))


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping."""
    return bytes(FrameProtocol(client=False, extensions=[]).pong(payload))


def close_frame(code: int, sentence: str = "") -> bytes:
    """The last frame."""
    return bytes(FrameProtocol(client=False, extensions=[]).close(code, sentence))


class FrameReader:
    """Puts a client's messages together, none larger than `limit` bytes; one thread uses it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._protocol = FrameProtocol(client=False, extensions=[])
        self._message = StringIO()
        self._held = 0

    def read(self, data: bytes) -> Iterator[Incoming | None]:
        """What each frame in the data completes, None where it completes nothing. Raises FrameError."""
        self._protocol.receive_bytes(data)
        try:
            for frame in self._protocol.received_frames():
                if frame.opcode.iscontrol() or frame.frame_finished:
                    yield self._take(frame)
                else:
                    self._hold(frame)
        except ParseFailed as error:
            raise FrameError(error.code, "The frame breaks the WebSocket protocol.") from error

    def _take(self, frame: Frame) -> Incoming | None:
        if frame.opcode is Opcode.PING:
            return Ping(bytes(frame.payload))  # type: ignore[arg-type]  # a ping's is bytes
        if frame.opcode is Opcode.PONG:
            return Pong()
        if frame.opcode is Opcode.CLOSE:
            return Closed()
        self._hold(frame)
        if not frame.message_finished:
            return None
        message, self._message, self._held = self._message.getvalue(), StringIO(), 0
        return message

    def _hold(self, frame: Frame) -> None:
        if not isinstance(frame.payload, str):
            raise FrameError(CloseReason.UNSUPPORTED_DATA, "Binary data is not taken here.")
        self._held += len(frame.payload.encode())
        if self._held > self.limit:
            raise FrameError(CloseReason.MESSAGE_TOO_BIG, f"A message may hold {self.limit} bytes.")
        self._message.write(frame.payload)
