"""The tokens that are worth nothing before their time is over, known to all servers of the database."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from chatserver.storage.database import Database
from chatserver.storage.schema import revoked_tokens
from exporter.model.clock import now_us

KEPT_US = 3600 * 1_000_000  # after a token's end, its revocation is kept for as long as any clock may be wrong
Listener = Callable[[str], None]


class Revocations:
    """Revokes tokens, and tells those who listen on this server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()  # beside the listeners
        self._listeners: list[Listener] = []

    def revoke(self, jti: str, expires_us: int) -> None:
        """Make a token worthless from now on; what has expired long ago is forgotten meanwhile."""

        def write(connection: Connection) -> None:
            connection.execute(delete(revoked_tokens).where(revoked_tokens.c.expires_us < now_us() - KEPT_US))
            connection.execute(insert(revoked_tokens).values(jti=jti, expires_us=expires_us))

        try:
            self._database.run(write)
        except IntegrityError:
            return  # it was revoked before
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(jti)

    def on_revoked(self, listener: Listener) -> Callable[[], None]:
        """Tell the listener the id of each token that is revoked here; gives what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def forget() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return forget


def is_revoked(connection: Connection, jti: str) -> bool:
    """Whether the token was revoked, by whichever server."""
    return connection.scalar(select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == jti)) is not None
