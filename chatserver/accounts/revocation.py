"""Tokens that are revoked before they expire, for all servers on the database."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from chatserver.storage.database import Database
from chatserver.storage.schema import revoked_tokens
from exporter.model.clock import now_us

KEPT_US = 3600 * 1_000_000  # after a token has expired, longer than clocks differ
Listener = Callable[[str], None]


class Revocations:
    """Revokes tokens, and notifies this server's listeners."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()  # guards _listeners
        self._listeners: list[Listener] = []

    def revoke(self, jti: str, expires_us: int) -> None:
        """Revoke a token, and delete the revocations of tokens that expired long ago."""

        def write(connection: Connection) -> None:
            connection.execute(delete(revoked_tokens).where(revoked_tokens.c.expires_us < now_us() - KEPT_US))
            connection.execute(insert(revoked_tokens).values(jti=jti, expires_us=expires_us))

        try:
            self._database.run(write)
        except IntegrityError:
            return  # it is revoked already
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(jti)

    def on_revoked(self, listener: Listener) -> Callable[[], None]:
        """Call a listener with the id of each token that this server revokes, and return what unsubscribes it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return unsubscribe


def is_revoked(connection: Connection, jti: str) -> bool:
    """Whether any server has revoked the token."""
    return connection.scalar(select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == jti)) is not None
