"""People with tokens, on the database that the servers of a test share."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import User, Users
from chatserver.storage.database import Database


@dataclass(frozen=True)
class People:
    """Each is made when first named."""

    database: Database
    users: Users
    tokens: Tokens
    known: dict[str, User] = field(default_factory=dict)

    def user(self, name: str, role: str = "user") -> User:
        if name not in self.known:
            self.known[name] = self.users.add_user(name, "correct horse battery", role)
        return self.known[name]

    def token(self, name: str, role: str = "user") -> str:
        return self.tokens.issue(self.user(name, role))
