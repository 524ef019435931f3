"""The people who may log in."""

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
    """What was asked of the users cannot be done; the message says why."""


class InvalidNameError(UserError):
    """The name cannot be one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r:.80} is no user name: write up to 64 letters a to z, digits and . _ @ -, a letter or digit first."
        )


class NameTakenError(UserError):
    """Somebody has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a user {name!r} already; choose another name.")


class UnknownUserError(UserError):
    """Nobody has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no user {name!r:.80}; `hookmeter users list` tells who there is.")


@dataclass(frozen=True, slots=True)
class User:
    """A person. Times are microseconds since the epoch.

    Tokens carry `tokens_valid_from_us`; it is another one from the moment on when the password is changed.
    """

    user_id: str
    name: str
    role: str
    created_us: int
    tokens_valid_from_us: int

    @property
    def viewer(self) -> Viewer:
        """Whose tasks they see: their own, an admin all."""
        return Viewer(self.user_id, is_admin=self.role == ADMIN)


class Users:
    """The people in the database. A name is theirs however it is capitalised; it is kept in lower case."""

    def __init__(self, database: Database, rounds: int = ROUNDS) -> None:
        self._database = database
        self._passwords = Passwords(rounds)

    def add(self, name: str, password: str, role: str = USER) -> User:
        """A new user. Raises UserError, PasswordError."""
        if role not in ROLES:
            raise UserError(f"{role!r} is no role: choose {' or '.join(ROLES)}.")
        kept = _kept(name)
        if kept is None:
            raise InvalidNameError(name)
        now = now_us()
        user = User(secrets.token_hex(8), kept, role, now, now)
        row = {**asdict(user), "password_hash": self._passwords.hash(password)}
        try:
            self._database.run(lambda connection: connection.execute(insert(users).values(row)))
        except IntegrityError:
            raise NameTakenError(kept) from None
        return user

    def check(self, name: str, password: str) -> User | None:
        """Whoever has this name and password. It takes as long where nobody has the name."""
        kept = _kept(name)
        row = self._one(_of_name(kept)) if kept is not None else None
        matches = self._passwords.matches(password, row.password_hash if row else None)
        return user_of_row(row) if row and matches else None

    def change_password(self, name: str, password: str) -> User:
        """Give them a new password; all their tokens are worth nothing from now on. Raises UserError, PasswordError."""
        hashed = self._passwords.hash(password)

        def change(connection: Connection) -> User:
            row = connection.execute(_of_name(_kept(name) or "").with_for_update()).one_or_none()
            if row is None:
                raise UnknownUserError(name)
            moment = max(now_us(), row.tokens_valid_from_us + 1)  # never the same again, whatever the clock does
            changed = update(users).where(users.c.user_id == row.user_id)
            connection.execute(changed.values(password_hash=hashed, tokens_valid_from_us=moment))
            return User(row.user_id, row.name, row.role, row.created_us, moment)

        return self._database.run(change)

    def list(self) -> list[User]:
        """Everybody, by name."""
        rows = self._database.run_read_only(
            lambda connection: connection.execute(select(users).order_by(users.c.name)).all()
        )
        return [user_of_row(row) for row in rows]

    def remove(self, name: str) -> None:
        """Take them out; their tokens are worth nothing from now on. Raises UnknownUserError."""
        removal = delete(users).where(users.c.name == (_kept(name) or ""))
        if not self._database.run(lambda connection: connection.execute(removal).rowcount):
            raise UnknownUserError(name)

    def get(self, user_id: str) -> User | None:
        """The user of this id."""
        row = self._one(select(users).where(users.c.user_id == user_id))
        return user_of_row(row) if row else None

    def _one(self, query: Select[*tuple[object, ...]]) -> Row[*tuple[object, ...]] | None:
        return self._database.run_read_only(lambda connection: connection.execute(query).one_or_none())


def _kept(name: str) -> str | None:
    """The name as it is kept; None where it can be nobody's."""
    lowered = name.lower()
    return lowered if NAME.fullmatch(lowered) and name.isascii() else None


def _of_name(name: str) -> Select[*tuple[object, ...]]:
    return select(users).where(users.c.name == name)


def user_of_row(row: Row[*tuple[object, ...]]) -> User:
    """The user in a row of the table."""
    return User(*(getattr(row, name) for name in User.__slots__))
