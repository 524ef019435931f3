"""One client's socket: what it may send and when, and when it is closed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from wsproto.frame_protocol import CloseReason

from chatserver.accounts.tokens import Identity
from chatserver.chat import packets
from chatserver.chat.frames import Closed, FrameError, FrameReader, Incoming, Ping, close_frame, pong_frame, text_frame
from chatserver.chat.history import Message
from chatserver.chat.send_queue import SendQueue
from chatserver.chat.views import EVENTS, message_view, plain
from exporter.model.clock import now_us
from exporter.model.log import logger
from exporter.model.token_bucket import TokenBucket

log = logger(__name__)
READ_BYTES = 64 * 1024
MAX_CONNECT_BYTES = 16 * 1024  # enough for a token
MAX_MESSAGE_BYTES = 1_000_000
CONNECT_SECONDS = 10.0
STUCK_SECONDS = 30.0
CLOSING_SECONDS = 2.0  # for the client to read the close frame, and to close
MAX_WAIT_SECONDS = 5.0
CHECK_SECONDS = 10.0  # between two checks of a token that another server may have revoked
FRAME_INTERVAL_SECONDS, FRAME_BURST = 0.05, 200
SERVER_FAILED = "The server failed to handle this; see the server's log."


class JoinRefusedError(Exception):
    """The client may not join; the message says why."""


class Host(Protocol):
    """The owner of connections."""

    def join(self, connection: Connection, auth: Mapping[str, Any]) -> None:
        """Admit the client. Raises JoinRefusedError."""

    def answer_event(self, connection: Connection, event: packets.Event) -> Mapping[str, Any]:
        """The answer to an event of an admitted client."""

    def check_token(self, connection: Connection) -> bool:
        """Whether the client's token is still valid; otherwise the client is expelled."""

    def missed_messages(self, user_id: str, after_id: int, last_id: int) -> Sequence[Message]:
        """The next messages after one id, up to another, oldest first; empty where there are no more."""


class Connection:
    """A client from its handshake to its end. `run` belongs to one thread; the other methods to any."""

    def __init__(self, sends: SendQueue, host: Host, cookie_token: str | None) -> None:
        self.connection_id = secrets.token_urlsafe(15)
        self.cookie_token = cookie_token
        self.identity: Identity | None = None
        self._sends = sends
        self._host = host
        self._frames = FrameReader(MAX_CONNECT_BYTES)
        self._frame_limit = TokenBucket(FRAME_INTERVAL_SECONDS, FRAME_BURST)
        self._seen_id = 0
        self._announced_id = 0
        self._skipped_client_ids: set[str] = set()
        now = time.monotonic()
        self._connect_by = now + CONNECT_SECONDS
        self._ping_at = now + packets.PING_SECONDS
        self._pong_by: float | None = None
        self._check_at = now + CHECK_SECONDS

    def run(self) -> None:
        """Handle what the client sends until either side closes."""
        self.send(packets.opened(self.connection_id, MAX_MESSAGE_BYTES))
        while (wait := self._seconds_to_wait()) > 0:
            data = None
            if self._sends.wait_readable(min(wait, MAX_WAIT_SECONDS)):
                data = self._sends.receive(READ_BYTES)
                if not data:
                    return
            if self._sends.finished_at is None:
                self._handle(data)
            time.sleep(0)  # let other greenlets run, also while this client sends without a pause

    def admit(self, identity: Identity, seen_id: int) -> None:
        """Admit the client with its identity; `seen_id` is the last message that it has."""
        self._seen_id = seen_id
        self._frames.limit = MAX_MESSAGE_BYTES
        self.identity = identity
        self._check_at = time.monotonic() + self._seconds_until_check()
        self.send(packets.connected(self.connection_id))

    def send(self, packet: str) -> None:
        """Send a packet after those before it."""
        self.send_frame(text_frame(packet))

    def send_frame(self, frame: bytes) -> None:
        """Send a packet that is framed already."""
        self._sends.send(frame)

    def send_messages_up_to(self, last_id: int) -> None:
        """Send the messages that the client does not have, up to an id, before anything that is sent later."""
        if last_id > self._announced_id:
            self._announced_id = last_id
            self._sends.send_lazily(lambda: self._missed_frames(last_id))

    def skip_message(self, client_id: str) -> None:
        """Do not send the client the message of this id, which it has just sent itself."""
        self._skipped_client_ids.add(client_id)

    def close(self, code: int, sentence: str = "") -> None:
        """Close; the client may reconnect."""
        self._sends.finish(close_frame(code, sentence))

    def expel(self, sentence: str) -> None:
        """Close with a reason, so that the client does not reconnect by itself."""
        self.send(packets.event("chat_error", {"message": sentence}))
        self.send(packets.disconnected())
        self.close(CloseReason.POLICY_VIOLATION, sentence)

    def abort(self) -> None:
        """Close without a close frame."""
        self._sends.abort()

    def _handle(self, data: bytes | None) -> None:
        try:
            if data:
                self._read_frames(data)
            self._check_deadlines()
        except FrameError as error:
            self.close(error.code, str(error))
        except packets.MalformedPacketError as error:
            self.close(CloseReason.INVALID_FRAME_PAYLOAD_DATA, str(error))
        except Exception:  # the client must learn why its socket is closed, also where the server is at fault
            log.exception("A chat socket is closed after a failure.")
            self.close(CloseReason.INTERNAL_ERROR, SERVER_FAILED)

    def _seconds_to_wait(self) -> float:
        if self._sends.finished_at is not None:
            return self._sends.finished_at + CLOSING_SECONDS - time.monotonic()
        deadlines = [self._ping_at, self._check_at]
        if self._pong_by is not None:
            deadlines.append(self._pong_by)
        if self.identity is None:
            deadlines.append(self._connect_by)
        return max(0.001, min(deadlines) - time.monotonic())

    def _check_deadlines(self) -> None:
        now = time.monotonic()
        if self.identity is None and now >= self._connect_by:
            self.close(CloseReason.POLICY_VIOLATION, f"No CONNECT packet arrived within {CONNECT_SECONDS:.0f} s.")
        elif self._pong_by is not None and now >= self._pong_by:
            if not self._sends.wait_readable(0):  # otherwise the pong may be there, unread
                self.close(CloseReason.POLICY_VIOLATION, f"No pong arrived within {packets.PONG_SECONDS:.0f} s.")
        elif self._sends.stuck_seconds() > STUCK_SECONDS:
            self.close(CloseReason.TRY_AGAIN_LATER, "The client does not read.")
        elif now >= self._ping_at:
            self.send(packets.ping())
            self._ping_at = now + packets.PING_SECONDS
            self._pong_by = self._pong_by or now + packets.PONG_SECONDS
        elif now >= self._check_at:
            self._host.check_token(self)
            self._check_at = now + self._seconds_until_check()

    def _seconds_until_check(self) -> float:
        left = CHECK_SECONDS if self.identity is None else (self.identity.expires_us - now_us()) / 1_000_000
        return min(CHECK_SECONDS, max(0.0, left))

    def _read_frames(self, data: bytes) -> None:
        for incoming in self._frames.read_frames(data):
            if not self._frame_limit.take_token(time.monotonic()):
                raise FrameError(CloseReason.POLICY_VIOLATION, "Too many messages at once.")
            self._handle_frame(incoming)
            if self._sends.finished_at is not None:
                return

    def _handle_frame(self, incoming: Incoming | None) -> None:
        if isinstance(incoming, str):
            self._handle_packet(packets.decode(incoming))
        elif isinstance(incoming, Ping):
            self.send_frame(pong_frame(incoming.payload))
        elif isinstance(incoming, Closed):
            self.close(CloseReason.NORMAL_CLOSURE)

    def _handle_packet(self, packet: packets.Packet) -> None:
        match packet:
            case packets.Pong():
                self._pong_by = None
            case packets.Disconnect():
                self.close(CloseReason.NORMAL_CLOSURE)
            case packets.Connect():
                self._join(packet)
            case packets.Event():
                self._answer(packet)

    def _join(self, packet: packets.Connect) -> None:
        if packet.namespace != packets.DEFAULT_NAMESPACE:
            self.send(packets.refused(packet.namespace, "Invalid namespace"))
            return
        if self.identity is not None:
            raise packets.MalformedPacketError("The client is connected already.")
        try:
            self._host.join(self, packet.auth)
        except JoinRefusedError as error:
            self.send(packets.refused(packet.namespace, str(error)))
            self.close(CloseReason.POLICY_VIOLATION, str(error))

    def _answer(self, event: packets.Event) -> None:
        if self.identity is None or event.namespace != packets.DEFAULT_NAMESPACE:
            raise packets.MalformedPacketError("An event arrived before CONNECT.")
        answer = self._host.answer_event(self, event)
        if event.ack_id is not None:
            self.send(packets.acknowledgement(event.ack_id, answer))
        elif "error" in answer:
            self.send(packets.event("chat_error", {"message": answer["error"]}))

    def _missed_frames(self, last_id: int) -> Iterator[bytes]:
        while messages := self._missed_messages(last_id):
            for message in messages:
                self._seen_id = message.message_id
                if message.client_id in self._skipped_client_ids:
                    self._skipped_client_ids.discard(message.client_id)
                else:
                    yield text_frame(packets.event(EVENTS[message.role], plain(message_view(message))))

    def _missed_messages(self, last_id: int) -> Sequence[Message]:
        if self.identity is None:
            return ()
        try:
            return self._host.missed_messages(self.identity.user.user_id, self._seen_id, last_id)
        except Exception:  # the client reconnects, and asks again
            log.exception("A client could not be sent the messages that it missed.")
            self.close(CloseReason.INTERNAL_ERROR, SERVER_FAILED)
            return ()
