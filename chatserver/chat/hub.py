"""All sockets of this server: who is in, what they are told, and how they end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wsproto.frame_protocol import CloseReason

from chatserver.accounts.token_codec import ExpiredTokenError, TokenError
from chatserver.accounts.tokens import Identity, RevokedTokenError, Tokens
from chatserver.chat.connection import Connection, JoinRefusedError
from chatserver.chat.events import Conversations, InvalidEventError, read_chat_message
from chatserver.chat.history import Chats, Message, UnknownChatError
from chatserver.chat.packets import Event
from chatserver.chat.send_queue import SendQueue
from chatserver.chat.task_updates import TaskUpdates
from chatserver.tasks.errors import TaskError
from chatserver.tasks.manager import TaskManager
from exporter.model.clock import now_us

log = logging.getLogger(__name__)
MAX_SOCKETS = 5000
MAX_SOCKETS_PER_USER = 20
CLOSE_SECONDS = 3.0


class ChatHub:
    """Holds the sockets. Several threads or greenlets may call it; the lock stands beside what it guards."""

    def __init__(self, chats: Chats, tokens: Tokens, manager: TaskManager, conversations: Conversations) -> None:
        self.most = MAX_SOCKETS
        self._chats = chats
        self._tokens = tokens
        self._conversations = conversations
        self._news = TaskUpdates(self, chats, manager)
        self._changed = threading.Condition()
        # Guarded by the condition:
        self._connections: set[Connection] = set()
        self._closed = False
        self._unsubscribe: Sequence[Callable[[], None]] = ()

    @property
    def count(self) -> int:
        """How many sockets there are."""
        return len(self._connections)

    @property
    def is_full(self) -> bool:
        """Whether no more sockets are taken."""
        return self._closed or self.count >= self.most

    def start(self) -> None:
        """Follow what becomes of tasks and tokens."""
        self._unsubscribe = (self._tokens.on_revoked(self._put_out_revoked),)
        self._news.start()

    def close(self) -> None:
        """End all sockets, with a word to their clients, and follow nothing any more."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            for connection in self._connections:
                connection.leave(CloseReason.GOING_AWAY, "The server is going down.")
            if not self._changed.wait_for(lambda: not self._connections, CLOSE_SECONDS):
                for connection in self._connections:
                    connection.cut()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._news.close()

    def serve(self, sends: SendQueue, cookie_token: str | None) -> None:
        """Talk with a client until it goes."""
        connection = Connection(sends, self, cookie_token)
        try:
            with self._changed:
                self._connections.add(connection)
                if self._closed:
                    connection.leave(CloseReason.GOING_AWAY, "The server is going down.")
            connection.run()
        finally:
            with self._changed:
                self._connections.discard(connection)
                self._changed.notify_all()
            sends.close()

    def join(self, connection: Connection, auth: Mapping[str, Any]) -> None:
        """Let a client in that shows a good token. Raises JoinRefusedError."""
        identity = self._identity(auth.get("token"), connection.cookie_token)
        user_id = identity.user.user_id
        seen_id = _message_id(auth.get("last_message_id"))
        if seen_id is None:
            seen_id = self._chats.last_id(user_id)
        with self._news.lock, self._changed:
            if len(self._of(user_id)) >= MAX_SOCKETS_PER_USER:
                raise JoinRefusedError(f"You have {MAX_SOCKETS_PER_USER} connections already; close one first.")
            connection.let_in(identity, seen_id)
            for frame in self._news.parts_of(user_id):
                connection.send_frame(frame)
        for frame in self._news.open_tasks(identity.user.viewer):
            connection.send_frame(frame)
        connection.tell_up_to(self._chats.last_id(user_id))

    def take(self, connection: Connection, event: Event) -> Mapping[str, Any]:
        """The answer to an event; one that cannot be answered costs itself alone."""
        identity = connection.identity
        if identity is None or not self.check(connection):
            return {"error": "The token is good no longer; log in again."}
        if event.name != "chat_message":
            return {"error": f"There is no event {event.name[:100]!r} here; send a chat_message."}
        try:
            said = read_chat_message(event.arguments)
            connection.own(said.client_id)
            answer = self._conversations.say(said, identity.user.viewer)
        except (InvalidEventError, UnknownChatError, TaskError) as error:
            return {"error": str(error)}
        except Exception:  # the socket must outlive one message; whoever sent it is told
            log.exception("A chat message could not be taken.")
            return {"error": "The server failed at this; its log says why."}
        self.nudge(identity.user.user_id)
        return answer

    def check(self, connection: Connection) -> bool:
        """Whether the client's token is good still; else it is put out."""
        is_good = connection.identity is None or self._tokens.is_valid(connection.identity)
        if not is_good:
            self._put_out(connection)
        return is_good

    def missed(self, user_id: str, after_id: int, last_id: int) -> Sequence[Message]:
        """Some of the messages after one and up to another, oldest first; none where there are no more."""
        return self._chats.between(user_id, after_id, last_id)

    def nudge(self, user_id: str) -> None:
        """Have a user's clients told what is new."""
        last_id = self._chats.last_id(user_id)
        with self._changed:
            for connection in self._of(user_id):
                connection.tell_up_to(last_id)

    def tell(self, user_id: str, frame: bytes, *, admins: bool = False) -> None:
        """Send a frame to a user's clients, and to those of the admins."""
        with self._changed:
            for connection in self._of(user_id, admins=admins):
                connection.send_frame(frame)

    def _of(self, user_id: str, *, admins: bool = False) -> list[Connection]:
        return [
            connection
            for connection in self._connections
            if connection.identity
            and (connection.identity.user.user_id == user_id or (admins and connection.identity.user.viewer.is_admin))
        ]

    def _identity(self, given: object, cookie_token: str | None) -> Identity:
        token = given if given is not None else cookie_token
        if not isinstance(token, str):
            raise JoinRefusedError("A token is needed: give the one of /api/auth/login as auth: {token}.")
        try:
            return self._tokens.verify(token)
        except TokenError as error:
            raise JoinRefusedError(str(error)) from error

    def _put_out_revoked(self, jti: str) -> None:
        with self._changed:
            revoked = [one for one in self._connections if one.identity and one.identity.jti == jti]
        for connection in revoked:
            self._put_out(connection)

    def _put_out(self, connection: Connection) -> None:
        identity = connection.identity
        has_expired = identity is not None and identity.expires_us <= now_us()
        connection.put_out(str(ExpiredTokenError() if has_expired else RevokedTokenError()))


def _message_id(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**63:
        raise JoinRefusedError("last_message_id is the message_id of the last message that the client has.")
    return given
