"""The users of the server."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from chatserver.accounts.passwords import ROUNDS, Passwords
from chatserver.accounts.viewer import Viewer
from chatserver.storage.database import Database
from chatserver.storage.schema import users
from exporter.model.clock import now_us

ADMIN, USER = ROLES = ("admin", "user")
ROLES_LOCK = 0x75736572  # changes of who is an admin are made one at a time
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


class LastAdminError(UserError):
    """Without this user there would be no admin."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the last admin; make another user one first: hookmeter users promote NAME")


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

    def register(self, name: str, password: str, role: str = USER) -> User:
        """Add a user. The first one owns the server, and is an admin whatever the role.

        Raises UserError, PasswordError, HashingBusyError.
        """
        return self._add(name, password, role, first_is_admin=True)

    def add_user(self, name: str, password: str, role: str = USER) -> User:
        """Add a user with exactly this role. Raises UserError, PasswordError, HashingBusyError."""
        return self._add(name, password, role, first_is_admin=False)

    def _add(self, name: str, password: str, role: str, *, first_is_admin: bool) -> User:
        if role not in ROLES:
            raise UserError(f"Invalid role {role!r}; use {' or '.join(ROLES)}.")
        normalized = _normalized(name)
        if normalized is None:
            raise InvalidNameError(name)
        now = now_us()
        user = User(secrets.token_hex(8), normalized, role, now, now)
        hashed = self._passwords.hash(password, normalized)

        def add(connection: Connection) -> User:
            _lock_roles(connection)
            is_owner = first_is_admin and not connection.scalar(select(func.count()).select_from(users))
            added = replace(user, role=ADMIN) if is_owner else user
            connection.execute(insert(users).values({**asdict(added), "password_hash": hashed}))
            return added

        try:
            return self._database.run(add)
        except IntegrityError:
            raise NameTakenError(normalized) from None

    def authenticate(self, name: str, password: str) -> User | None:
        """The user with this name and password. It takes the same time for unknown names. Raises HashingBusyError."""
        normalized = _normalized(name)
        row = self._one(_of_name(normalized)) if normalized is not None else None
        matches = self._passwords.matches(password, row.password_hash if row else None)
        return user_of_row(row) if row and matches else None

    def change_password(self, name: str, password: str) -> User:
        """Set a new password, and revoke all tokens of the user. Raises UserError, PasswordError, HashingBusyError."""
        hashed = self._passwords.hash(password, name)
        return self._database.run(
            lambda connection: _write(connection, _locked(connection, name), password_hash=hashed)
        )

    def set_role(self, name: str, role: str) -> User:
        """Give a user a role, and revoke all their tokens, so that open pages show no more than they may.

        The user is unchanged where they have the role. Raises UnknownUserError, LastAdminError.
        """

        def change(connection: Connection) -> User:
            _lock_roles(connection)
            user = _locked(connection, name)
            if user.role == role:
                return user
            _check_is_not_last_admin(connection, user)
            return _write(connection, user, role=role)

        return self._database.run(change)

    def end_sessions(self, name: str) -> User:
        """Revoke all tokens of a user. Raises UnknownUserError."""
        return self._database.run(lambda connection: _write(connection, _locked(connection, name)))

    def list(self) -> list[User]:
        """All users, by name."""
        rows = self._database.run_read_only(
            lambda connection: connection.execute(select(users).order_by(users.c.name)).all()
        )
        return [user_of_row(row) for row in rows]

    def is_empty(self) -> bool:
        """Whether there is no user yet."""
        number = self._database.run_read_only(
            lambda connection: connection.scalar(select(func.count()).select_from(users))
        )
        return not number

    def remove(self, name: str) -> User:
        """Remove a user, and revoke all their tokens. Raises UnknownUserError, LastAdminError."""

        def remove(connection: Connection) -> User:
            _lock_roles(connection)
            user = _locked(connection, name)
            _check_is_not_last_admin(connection, user)
            connection.execute(delete(users).where(users.c.user_id == user.user_id))
            return user

        return self._database.run(remove)

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


def _lock_roles(connection: Connection) -> None:
    """Have other changes of roles wait until the transaction ends."""
    if connection.dialect.name != "sqlite":  # which has one writer at a time anyway
        connection.execute(select(func.pg_advisory_xact_lock(ROLES_LOCK)))


def _check_is_not_last_admin(connection: Connection, user: User) -> None:
    """Raise LastAdminError if there is no other admin until the transaction ends."""
    others = select(func.count()).where(users.c.role == ADMIN, users.c.user_id != user.user_id)
    if user.role == ADMIN and not connection.scalar(others):
        raise LastAdminError(user.name)


def _locked(connection: Connection, name: str) -> User:
    """The user with this name, locked until the transaction ends. Raises UnknownUserError."""
    row = connection.execute(_of_name(_normalized(name) or "").with_for_update()).one_or_none()
    if row is None:
        raise UnknownUserError(name)
    return user_of_row(row)


def _write(connection: Connection, user: User, **changes: str) -> User:
    """Change a user, and revoke all their tokens."""
    moment = max(now_us(), user.tokens_valid_from_us + 1)  # never a value of the past, whatever the clock does
    changed = update(users).where(users.c.user_id == user.user_id)
    connection.execute(changed.values({**changes, "tokens_valid_from_us": moment}))
    return replace(user, role=changes.get("role", user.role), tokens_valid_from_us=moment)


def _of_name(name: str) -> Select[*tuple[object, ...]]:
    return select(users).where(users.c.name == name)


def user_of_row(row: Row[*tuple[object, ...]]) -> User:
    """The user of a row of the table."""
    return User(*(getattr(row, name) for name in User.__slots__))
