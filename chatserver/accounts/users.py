"""The users of the server."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatserver.accounts.passwords import ROUNDS, Passwords
from chatserver.accounts.viewer import Viewer
from chatserver.storage.database import Database
from chatserver.storage.schema import users
from exporter.model.clock import now_us

ADMIN, USER = ROLES = ("admin", "user")
NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class UserError(Exception):
    """An operation on users failed; the message says why."""


class InvalidNameError(UserError):
    """The name is not valid."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Invalid user name {name!r:.80}; use up to 64 letters a to z, digits and . _ @ -, a letter or digit first."
        )


class NameTakenError(UserError):
    """A user with this name exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The user {name!r} exists already; choose another name.")


class UnknownUserError(UserError):
    """No user has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no user {name!r:.80}; `hookmeter users list` shows all.")


@dataclass(frozen=True, slots=True)
class User:
    """A user. Times are microseconds since the epoch.

    Tokens contain `tokens_valid_from_us`, which changes with the password.
    """

    user_id: str
    name: str
    role: str
    created_us: int
    tokens_valid_from_us: int

    @property
    def viewer(self) -> Viewer:
        """The user as a viewer of tasks."""
        return Viewer(self.user_id, self.role == ADMIN, self.tokens_valid_from_us)


class Users:
    """The users in the database. Names are case-insensitive, and stored in lower case."""

    def __init__(self, database: Database, rounds: int = ROUNDS) -> None:
        self._database = database
        self._passwords = Passwords(rounds)

    def add_user(self, name: str, password: str, role: str = USER) -> User:
        """Add a user. Raises UserError, PasswordError, HashingBusyError."""
        if role not in ROLES:
            raise UserError(f"Invalid role {role!r}; use {' or '.join(ROLES)}.")
        normalized = _normalized(name)
        if normalized is None:
            raise InvalidNameError(name)
        now = now_us()
        user = User(secrets.token_hex(8), normalized, role, now, now)
        row = {**asdict(user), "password_hash": self._passwords.hash(password)}
        try:
            self._database.run(lambda connection: connection.execute(insert(users).values(row)))
        except IntegrityError:
            raise NameTakenError(normalized) from None
        return user

    def authenticate(self, name: str, password: str) -> User | None:
        """The user with this name and password. It takes the same time for unknown names. Raises HashingBusyError."""
        normalized = _normalized(name)
        row = self._one(_of_name(normalized)) if normalized is not None else None
        matches = self._passwords.matches(password, row.password_hash if row else None)
        return user_of_row(row) if row and matches else None

    def change_password(self, name: str, password: str) -> User:
        """Set a new password, and revoke all tokens of the user. Raises UserError, PasswordError, HashingBusyError."""
        hashed = self._passwords.hash(password)

        def change(connection: Connection) -> User:
            row = connection.execute(_of_name(_normalized(name) or "").with_for_update()).one_or_none()
            if row is None:
                raise UnknownUserError(name)
            moment = max(now_us(), row.tokens_valid_from_us + 1)  # never a value of the past, whatever the clock does
            changed = update(users).where(users.c.user_id == row.user_id)
            connection.execute(changed.values(password_hash=hashed, tokens_valid_from_us=moment))
            return User(row.user_id, row.name, row.role, row.created_us, moment)

        return self._database.run(change)

    def list(self) -> list[User]:
        """All users, by name."""
        rows = self._database.run_read_only(
            lambda connection: connection.execute(select(users).order_by(users.c.name)).all()
        )
        return [user_of_row(row) for row in rows]

    def remove(self, name: str) -> User:
        """Remove a user, and revoke all their tokens. Raises UnknownUserError."""
        removal = delete(users).where(users.c.name == (_normalized(name) or "")).returning(users)
        row = self._database.run(lambda connection: connection.execute(removal).one_or_none())
        if row is None:
            raise UnknownUserError(name)
        return user_of_row(row)

    def get(self, user_id: str) -> User | None:
        """The user with this id."""
        row = self._one(select(users).where(users.c.user_id == user_id))
        return user_of_row(row) if row else None

    def _one(self, query: Select[*tuple[object, ...]]) -> Row[*tuple[object, ...]] | None:
        return self._database.run_read_only(lambda connection: connection.execute(query).one_or_none())


def _normalized(name: str) -> str | None:
    """The name as it is stored; None where it is not valid."""
    lowered = name.lower()
    return lowered if NAME.fullmatch(lowered) and name.isascii() else None


def _of_name(name: str) -> Select[*tuple[object, ...]]:
    return select(users).where(users.c.name == name)


def user_of_row(row: Row[*tuple[object, ...]]) -> User:
    """The user of a row of the table."""
    return User(*(getattr(row, name) for name in User.__slots__))
