"""Whose tokens are good: given out, verified, and looked at again."""

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
MAX_ANSWERS = 10_000


class RevokedTokenError(TokenError):
    """Its user has logged out, has another password, or is no more."""

    def __init__(self) -> None:
        super().__init__("The token was revoked; log in again.")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who has shown a good token, and which one it was."""

    user: User
    jti: str
    expires_us: int


class Tokens:
    """Gives tokens to users and knows which are still good. Several threads or greenlets may call it."""

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database = database
        self._seconds = settings.token_seconds
        self._form = TokenCodec(signing_key(settings), settings.token_seconds)
        self._revocations = Revocations(database)
        self._lock = threading.Lock()  # beside the answers
        self._answers: dict[Identity, tuple[float, bool]] = {}
        self._revocations.on_revoked(self._forget_answers)

    def issue(self, user: User) -> str:
        """A new token of a user whose password was right."""
        now = now_us() // SECOND_US
        claims = Claims(
            sub=user.user_id,
            iat=now,
            nbf=now,
            exp=now + self._seconds,
            jti=secrets.token_urlsafe(16),
            since=user.tokens_valid_from_us,
        )
        return self._form.sign(claims)

    def verify(self, token: str) -> Identity:
        """Whose token it is. Raises TokenError with a sentence for whoever sent it."""
        claims = self._form.read(token)
        expires_us = claims.exp * SECOND_US
        if expires_us <= now_us():
            raise ExpiredTokenError
        user = self._owner(claims.sub, claims.jti, claims.since)
        if user is None:
            raise RevokedTokenError
        return Identity(user, claims.jti, expires_us)

    def is_valid(self, identity: Identity, *, within_seconds: float = 0.0) -> bool:
        """Whether a token that was good is so still.

        An answer that is younger than `within_seconds` may be given again: many streams of one token ask once.
        """
        now = time.monotonic()
        with self._lock:
            answers = self._answers
            asked_at, known = answers.get(identity, (float("-inf"), False))
        if identity.expires_us > now_us() and now - asked_at >= within_seconds:
            user = identity.user
            known = self._owner(user.user_id, identity.jti, user.tokens_valid_from_us) is not None
            with self._lock:
                if len(answers) >= MAX_ANSWERS:
                    answers.clear()
                answers[identity] = now, known
        return known and identity.expires_us > now_us()

    def revoke(self, jti: str, expires_us: int) -> None:
        """Make a token worthless, here at once and on the other servers with their next look at it."""
        self._revocations.revoke(jti, expires_us)

    def on_revoked(self, listener: Listener) -> Callable[[], None]:
        """Tell the listener the id of each token that is revoked here; gives what ends that."""
        return self._revocations.on_revoked(listener)

    def csrf_token(self, jti: str) -> str:
        """What a page has to send with each write where a cookie carries the token."""
        return self._form.csrf_token(jti)

    def _forget_answers(self, _jti: str) -> None:
        with self._lock:
            self._answers = {}

    def _owner(self, user_id: str, jti: str, since_us: int) -> User | None:
        """Whose token it is, unless it was revoked or their password is another one since."""

        def look(connection: Connection) -> User | None:
            row = connection.execute(select(users).where(users.c.user_id == user_id)).one_or_none()
            if row is None or row.tokens_valid_from_us != since_us or is_revoked(connection, jti):
                return None
            return user_of_row(row)

        return self._database.run_read_only(look)
