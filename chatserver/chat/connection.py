"""One client's socket: what it may send and when, and when it is ended."""

from __future__ import annotations

import logging
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
from exporter.model.token_bucket import TokenBucket

log = logging.getLogger(__name__)
READ_BYTES = 64 * 1024
STRANGER_BYTES = 16 * 1024  # enough for a token
MESSAGE_BYTES = 1_000_000
CONNECT_SECONDS = 10.0
STUCK_SECONDS = 30.0
LINGER_SECONDS = 2.0  # for the client to take its last frame, and to close
MAX_WAIT_SECONDS = 5.0
CHECK_SECONDS = 10.0  # between two looks at a token that other servers may have revoked
FRAME_INTERVAL_SECONDS, FRAME_BURST = 0.05, 200


class JoinRefusedError(Exception):
    """The client may not join; the message says why."""


class Host(Protocol):
    """Who the connections belong to."""

    def join(self, connection: Connection, auth: Mapping[str, Any]) -> None:
        """Let the client in. Raises JoinRefusedError."""

    def take(self, connection: Connection, event: packets.Event) -> Mapping[str, Any]:
        """The answer to an event of a client that is in."""

    def check(self, connection: Connection) -> bool:
        """Whether the client's token is good still; else it is put out."""

    def missed(self, user_id: str, after_id: int, last_id: int) -> Sequence[Message]:
        """Some of the messages after one and up to another, oldest first; none where there are no more."""


class Connection:
    """A client from its handshake to its end. `run` belongs to one thread; any may send, nudge and end."""

    def __init__(self, sends: SendQueue, host: Host, cookie_token: str | None) -> None:
        self.connection_id = secrets.token_urlsafe(15)
        self.cookie_token = cookie_token
        self.identity: Identity | None = None
        self._sends = sends
        self._host = host
        self._frames = FrameReader(STRANGER_BYTES)
        self._frame_limit = TokenBucket(FRAME_INTERVAL_SECONDS, FRAME_BURST)
        self._seen_id = 0
        self._told_id = 0
        self._own: set[str] = set()
        now = time.monotonic()
        self._connect_by = now + CONNECT_SECONDS
        self._ping_at = now + packets.PING_SECONDS
        self._pong_by: float | None = None
        self._check_at = now + CHECK_SECONDS

    def run(self) -> None:
        """Take what the client sends, until it goes or is ended."""
        self.send(packets.opened(self.connection_id, MESSAGE_BYTES))
        while (wait := self._wait()) > 0:
            data = None
            if self._sends.readable(min(wait, MAX_WAIT_SECONDS)) and not (data := self._sends.recv(READ_BYTES)):
                return
            if self._sends.finished_at is None:
                self._go_on(data)
            time.sleep(0)  # a client that sends without a pause leaves the others their turn

    def _go_on(self, data: bytes | None) -> None:
        try:
            if data:
                self._read(data)
            self._keep_time()
        except FrameError as error:
            self.leave(error.code, str(error))
        except packets.MalformedPacketError as error:
            self.leave(CloseReason.INVALID_FRAME_PAYLOAD_DATA, str(error))
        except (
            Exception
        ):  # a failure of the server's, as of its database, costs a client its socket, not its answer why
            log.exception("A socket of the chat is closed.")
            self.leave(CloseReason.INTERNAL_ERROR, "The server failed at this; its log says why.")

    def let_in(self, identity: Identity, seen_id: int) -> None:
        """The client is who it says, and has the messages up to one."""
        self._seen_id = seen_id
        self._frames.limit = MESSAGE_BYTES
        self.identity = identity
        self._check_at = time.monotonic() + self._until_check()
        self.send(packets.connected(self.connection_id))

    def send(self, packet: str) -> None:
        """Send a packet after those before it."""
        self.send_frame(text_frame(packet))

    def send_frame(self, frame: bytes) -> None:
        """Send a packet that is a frame already."""
        self._sends.send(frame)

    def tell_up_to(self, last_id: int) -> None:
        """Have the messages sent that the client does not have, up to one; what is sent later follows them."""
        if last_id > self._told_id:
            self._told_id = last_id
            self._sends.later(lambda: self._missed(last_id))

    def own(self, client_id: str) -> None:
        """Do not tell the client of a message that it is about to say itself."""
        self._own.add(client_id)

    def leave(self, code: int, sentence: str = "") -> None:
        """Close; the client may come back."""
        self._sends.finish(close_frame(code, sentence))

    def put_out(self, sentence: str) -> None:
        """Close, with a reason, and so that the client does not come back by itself."""
        self.send(packets.event("chat_error", {"message": sentence}))
        self.send(packets.disconnected())
        self.leave(CloseReason.POLICY_VIOLATION, sentence)

    def cut(self) -> None:
        """End without a word."""
        self._sends.cut()

    def _wait(self) -> float:
        if self._sends.finished_at is not None:
            return self._sends.finished_at + LINGER_SECONDS - time.monotonic()
        deadlines = [self._ping_at, self._check_at]
        if self._pong_by is not None:
            deadlines.append(self._pong_by)
        if self.identity is None:
            deadlines.append(self._connect_by)
        return max(0.001, min(deadlines) - time.monotonic())

    def _keep_time(self) -> None:
        now = time.monotonic()
        if self.identity is None and now >= self._connect_by:
            self.leave(CloseReason.POLICY_VIOLATION, f"No CONNECT packet came within {CONNECT_SECONDS:.0f} s.")
        elif self._pong_by is not None and now >= self._pong_by:
            if not self._sends.readable(0):  # else it may wait there
                self.leave(CloseReason.POLICY_VIOLATION, f"No pong came within {packets.PONG_SECONDS:.0f} s.")
        elif self._sends.stuck_seconds() > STUCK_SECONDS:
            self.leave(CloseReason.TRY_AGAIN_LATER, "The client does not read.")
        elif now >= self._ping_at:
            self.send(packets.ping())
            self._ping_at = now + packets.PING_SECONDS
            self._pong_by = self._pong_by or now + packets.PONG_SECONDS
        elif now >= self._check_at:
            self._host.check(self)
            self._check_at = now + self._until_check()

    def _until_check(self) -> float:
        left = CHECK_SECONDS if self.identity is None else (self.identity.expires_us - now_us()) / 1_000_000
        return min(CHECK_SECONDS, max(0.0, left))

    def _read(self, data: bytes) -> None:
        for incoming in self._frames.read(data):
            if not self._frame_limit.take_token(time.monotonic()):
                raise FrameError(CloseReason.POLICY_VIOLATION, "Too many messages at once.")
            self._react(incoming)
            if self._sends.finished_at is not None:
                return

    def _react(self, incoming: Incoming | None) -> None:
        if isinstance(incoming, str):
            self._take(packets.decode(incoming))
        elif isinstance(incoming, Ping):
            self.send_frame(pong_frame(incoming.payload))
        elif isinstance(incoming, Closed):
            self.leave(CloseReason.NORMAL_CLOSURE)

    def _take(self, packet: packets.Packet) -> None:
        match packet:
            case packets.Pong():
                self._pong_by = None
            case packets.Leave():
                self.leave(CloseReason.NORMAL_CLOSURE)
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
            self.leave(CloseReason.POLICY_VIOLATION, str(error))

    def _answer(self, event: packets.Event) -> None:
        if self.identity is None or event.namespace != packets.DEFAULT_NAMESPACE:
            raise packets.MalformedPacketError("An event came before CONNECT.")
        answer = self._host.take(self, event)
        if event.ack_id is not None:
            self.send(packets.acknowledgement(event.ack_id, answer))
        elif "error" in answer:
            self.send(packets.event("chat_error", {"message": answer["error"]}))

    def _missed(self, last_id: int) -> Iterator[bytes]:
        while messages := self._page(last_id):
            for message in messages:
                self._seen_id = message.message_id
                if message.client_id in self._own:
                    self._own.discard(message.client_id)
                else:
                    yield text_frame(packets.event(EVENTS[message.role], plain(message_view(message))))

    def _page(self, last_id: int) -> Sequence[Message]:
        if self.identity is None:
            return ()
        try:
            return self._host.missed(self.identity.user.user_id, self._seen_id, last_id)
        except Exception:  # the client comes back, and asks again
            log.exception("A client could not be told what it missed.")
            self.leave(CloseReason.INTERNAL_ERROR, "The server failed at this; its log says why.")
            return ()
