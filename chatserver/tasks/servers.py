"""Which servers share the database, and which of them have not been heard of for too long."""

from __future__ import annotations

import socket

from sqlalchemy import Connection, delete, insert, select, update

from chatserver.storage.database import Database
from chatserver.storage.schema import servers, tasks
from chatserver.tasks.store import moment

SILENCE_US = 30_000_000


class Servers:
    """The servers by their names. Every method is one transaction, and goes by the database's clock."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def beat(self) -> None:
        """Say that this server lives."""
        mine = servers.c.server == self.name

        def work(connection: Connection) -> None:
            seen = {"host": socket.gethostname(), "seen_us": moment(connection)}
            if not connection.execute(update(servers).where(mine).values(seen)).rowcount:
                connection.execute(insert(servers).values(server=self.name, **seen))

        self._database.run(work)

    def leave(self) -> None:
        """Say that this server ends."""
        self._database.run(lambda connection: connection.execute(delete(servers).where(servers.c.server == self.name)))

    def silent(self) -> tuple[str, ...]:
        """The others that have tasks, and of which nothing was heard for 30 seconds."""

        def work(connection: Connection) -> tuple[str, ...]:
            heard = select(servers.c.server).where(servers.c.seen_us > moment(connection) - SILENCE_US)
            named = select(tasks.c.server).where(tasks.c.server.is_not(None), tasks.c.server != self.name).distinct()
            return tuple(connection.scalars(named.where(tasks.c.server.not_in(heard))))

        return self._database.read(work)
