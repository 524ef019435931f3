"""People whose id is their name, for tests of what they may do rather than of how they log in."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from chatserver.accounts.viewer import Viewer
from chatserver.storage.database import Database
from chatserver.storage.schema import users

ANN, BOB = Viewer("ann"), Viewer("bob")


def add_people(database: Database, *people: Viewer) -> None:
    """Add the people who are not there yet."""

    def work(connection: Connection) -> None:
        known = set(connection.scalars(select(users.c.user_id)))
        for user_id in {person.user_id for person in people} - known:
            row = {"user_id": user_id, "name": user_id, "password_hash": "", "role": "user"}
            connection.execute(insert(users).values(**row, created_us=0, tokens_valid_from_us=0))

    database.run(work)
