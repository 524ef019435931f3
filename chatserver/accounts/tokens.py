"""Issuing, verification and revocation of tokens."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from chatserver.accounts.revocation import Listener, Revocations, is_revoked
from chatserver.accounts.secret_key import signing_key
from chatserver.accounts.token_codec import Claims, ExpiredTokenError, TokenCodec, TokenError
from chatserver.accounts.users import User, user_of_row
from chatserver.settings import ServerSettings
from chatserver.storage.database import Database
from chatserver.storage.schema import users
from exporter.model.clock import now_us

SECOND_US = 1_000_000
MAX_CHECKS = 10_000


class RevokedTokenError(TokenError):
    """Its user has logged out, changed the password, or was removed."""

    def __init__(self) -> None:
        super().__init__("The token was revoked; log in again.")


@dataclass(frozen=True, slots=True)
class Identity:
    """The user of a valid token, and the token."""

    user: User
    jti: str
    expires_us: int


class Tokens:
    """Issues tokens, and checks which are still valid. Any thread or greenlet may call it."""

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._seconds = settings.token_seconds
        self._codec = TokenCodec(signing_key(settings), settings.token_seconds)
        self._revocations = Revocations(database)
        self._lock = threading.Lock()  # guards _checked
        self._checked: dict[Identity, tuple[float, bool]] = {}
        self._revocations.on_revoked(self._forget_checks)

    def issue(self, user: User) -> str:
        """A new token for a user."""
        now = now_us() // SECOND_US
        claims = Claims(
            sub=user.user_id,
            iat=now,
            nbf=now,
            exp=now + self._seconds,
            jti=secrets.token_urlsafe(16),
            since=user.tokens_valid_from_us,
        )
        return self._codec.encode(claims)

    def verify(self, token: str) -> Identity:
        """The identity of a valid token. Raises TokenError, with a sentence for its sender."""
        claims = self._codec.decode(token)
        expires_us = claims.exp * SECOND_US
        if expires_us <= now_us():
            raise ExpiredTokenError
        user = self._owner(claims.sub, claims.jti, claims.since)
        if user is None:
            raise RevokedTokenError
        return Identity(user, claims.jti, expires_us)

    def is_valid(self, identity: Identity, *, within_seconds: float = 0.0) -> bool:
        """Whether a verified token is still valid.

        A check that is younger than `within_seconds` is reused, so that many streams of one token share one query.
        """
        now = time.monotonic()
        with self._lock:
            checked = self._checked
            checked_at, is_valid = checked.get(identity, (float("-inf"), False))
        if identity.expires_us > now_us() and now - checked_at >= within_seconds:
            user = identity.user
            is_valid = self._owner(user.user_id, identity.jti, user.tokens_valid_from_us) is not None
            with self._lock:
                if len(checked) >= MAX_CHECKS:
                    checked.clear()
                checked[identity] = now, is_valid
        return is_valid and identity.expires_us > now_us()

    def revoke(self, jti: str, expires_us: int) -> None:
        """Revoke a token: on this server at once, on others with their next check."""
        self._revocations.revoke(jti, expires_us)

    def on_revoked(self, listener: Listener) -> Callable[[], None]:
        """Call a listener with the id of each token that this server revokes, and return what unsubscribes it."""
        return self._revocations.on_revoked(listener)

    def csrf_token(self, jti: str) -> str:
        """The value that a page must send with each write when the token is in a cookie."""
        return self._codec.csrf_token(jti)

    def _forget_checks(self, _jti: str) -> None:
        with self._lock:
            self._checked = {}

    def _owner(self, user_id: str, jti: str, since_us: int) -> User | None:
        """The user of a token; None if it was revoked, or the password was changed."""

        def look(connection: Connection) -> User | None:
            row = connection.execute(select(users).where(users.c.user_id == user_id)).one_or_none()
            if row is None or row.tokens_valid_from_us != since_us or is_revoked(connection, jti):
                return None
            return user_of_row(row)

        return self._database.run_read_only(look)
