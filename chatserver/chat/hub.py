"""All chat sockets of this server: admission, delivery, and closing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wsproto.frame_protocol import CloseReason

from chatserver.accounts.token_codec import ExpiredTokenError, TokenError
from chatserver.accounts.tokens import Identity, RevokedTokenError, Tokens
from chatserver.chat.connection import SERVER_FAILED, Connection, JoinRefusedError
from chatserver.chat.events import Conversations, InvalidEventError, read_chat_message
from chatserver.chat.history import ChatLimitError, Chats, Message, UnknownChatError
from chatserver.chat.packets import Event
from chatserver.chat.send_queue import SendQueue
from chatserver.chat.task_updates import TaskUpdates
from chatserver.storage.unavailable import UNAVAILABLE, cause, refusal
from chatserver.tasks.errors import TaskError
from chatserver.tasks.manager import TaskManager
from exporter.model.clock import now_us
from exporter.model.log import logger

log = logger(__name__)
MAX_SOCKETS = 5000
MAX_SOCKETS_PER_USER = 20
CLOSE_SECONDS = 3.0


class ChatHub:
    """Holds the sockets. Any thread or greenlet may call it."""

    def __init__(self, chats: Chats, tokens: Tokens, manager: TaskManager, conversations: Conversations) -> None:
        self.max_sockets = MAX_SOCKETS
        self._chats = chats
        self._tokens = tokens
        self._conversations = conversations
        self._task_updates = TaskUpdates(self, chats, manager)
        self._changed = threading.Condition()
        # Guarded by the condition:
        self._connections: set[Connection] = set()
        self._closed = False
        self._unsubscribe: Sequence[Callable[[], None]] = ()

    @property
    def count(self) -> int:
        """The number of open sockets."""
        return len(self._connections)

    @property
    def is_full(self) -> bool:
        """Whether new sockets are refused."""
        return self._closed or self.count >= self.max_sockets

    def start(self) -> None:
        """Subscribe to changes of tasks and to revoked tokens."""
        self._unsubscribe = (self._tokens.on_revoked(self._expel_revoked),)
        self._task_updates.start()

    def close(self) -> None:
        """Close all sockets with a close frame, and unsubscribe."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            for connection in self._connections:
                connection.close(CloseReason.GOING_AWAY, "The server is shutting down.")
            if not self._changed.wait_for(lambda: not self._connections, CLOSE_SECONDS):
                for connection in self._connections:
                    connection.abort()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._task_updates.close()

    def serve(self, sends: SendQueue, cookie_token: str | None) -> None:
        """Serve a client until its socket closes."""
        connection = Connection(sends, self, cookie_token)
        try:
            with self._changed:
                self._connections.add(connection)
                if self._closed:
                    connection.close(CloseReason.GOING_AWAY, "The server is shutting down.")
            connection.run()
        finally:
            with self._changed:
                self._connections.discard(connection)
                self._changed.notify_all()
            sends.close()

    def join(self, connection: Connection, auth: Mapping[str, Any]) -> None:
        """Admit a client with a valid token. Raises JoinRefusedError."""
        identity = self._identity(auth.get("token"), connection.cookie_token)
        user_id = identity.user.user_id
        seen_id = _message_id(auth.get("last_message_id"))
        if seen_id is None:
            seen_id = self._chats.last_id(user_id)
        with self._task_updates.lock, self._changed:
            if len(self._of(user_id)) >= MAX_SOCKETS_PER_USER:
                raise JoinRefusedError(f"You have {MAX_SOCKETS_PER_USER} connections already; close one first.")
            connection.admit(identity, seen_id)
            for frame in self._task_updates.partial_answers(user_id):
                connection.send_frame(frame)
        for frame in self._task_updates.open_tasks(identity.user.viewer):
            connection.send_frame(frame)
        connection.send_messages_up_to(self._chats.last_id(user_id))

    def answer_event(self, connection: Connection, event: Event) -> Mapping[str, Any]:
        """The answer to an event; errors are answers, too, and leave the socket open."""
        identity = connection.identity
        if identity is None or not self.check_token(connection):
            return {"error": "The token is no longer valid; log in again."}
        if event.name != "chat_message":
            return {"error": f"Unknown event {event.name[:100]!r}; send a chat_message."}
        try:
            sent = read_chat_message(event.arguments)
            connection.skip_message(sent.client_id)
            answer = self._conversations.handle_message(sent, identity.user.viewer)
        except (InvalidEventError, UnknownChatError, ChatLimitError, TaskError) as error:
            return {"error": str(error)}
        except UNAVAILABLE as error:
            log.error("A chat message could not be handled: %s", cause(error))
            return {"error": refusal(error)}
        except Exception:  # the socket must outlive one message; its sender gets an answer
            log.exception("A chat message could not be handled.")
            return {"error": SERVER_FAILED}
        self.send_new_messages(identity.user.user_id)
        return answer

    def check_token(self, connection: Connection) -> bool:
        """Whether the client's token is still valid; otherwise the client is expelled."""
        is_valid = connection.identity is None or self._tokens.is_valid(connection.identity)
        if not is_valid:
            self._expel(connection)
        return is_valid

    def missed_messages(self, user_id: str, after_id: int, last_id: int) -> Sequence[Message]:
        """The next messages after one id, up to another, oldest first; empty where there are no more."""
        return self._chats.messages_between(user_id, after_id, last_id)

    def send_new_messages(self, user_id: str) -> None:
        """Send a user's clients the messages that they do not have."""
        last_id = self._chats.last_id(user_id)
        with self._changed:
            for connection in self._of(user_id):
                connection.send_messages_up_to(last_id)

    def send_to_user(self, user_id: str, frame: bytes, *, admins: bool = False) -> None:
        """Send a frame to a user's clients, and on request to those of all admins."""
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
            raise JoinRefusedError("A token is required; send that of /api/auth/login as auth: {token}.")
        try:
            return self._tokens.verify(token)
        except TokenError as error:
            raise JoinRefusedError(str(error)) from error

    def _expel_revoked(self, jti: str) -> None:
        with self._changed:
            revoked = [one for one in self._connections if one.identity and one.identity.jti == jti]
        for connection in revoked:
            self._expel(connection)

    def _expel(self, connection: Connection) -> None:
        identity = connection.identity
        has_expired = identity is not None and identity.expires_us <= now_us()
        connection.expel(str(ExpiredTokenError() if has_expired else RevokedTokenError()))


def _message_id(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**63:
        raise JoinRefusedError("Invalid last_message_id; send the message_id of the last message that the client has.")
    return given
