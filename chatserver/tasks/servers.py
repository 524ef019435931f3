"""The servers that share the database, and their heartbeats."""

from __future__ import annotations

import socket

from sqlalchemy import Connection, delete, insert, select, update

from chatserver.storage.database import Database
from chatserver.storage.schema import servers, tasks
from chatserver.tasks.store import database_now_us

STALE_US = 30_000_000


class Servers:
    """The servers by name. Every method is one transaction, and uses the database's clock."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def send_heartbeat(self) -> None:
        """Record that this server runs."""
        mine = servers.c.server == self.name

        def work(connection: Connection) -> None:
            seen = {"host": socket.gethostname(), "seen_us": database_now_us(connection)}
            if not connection.execute(update(servers).where(mine).values(seen)).rowcount:
                connection.execute(insert(servers).values(server=self.name, **seen))

        self._database.run(work)

    def deregister(self) -> None:
        """Remove this server's record."""
        self._database.run(lambda connection: connection.execute(delete(servers).where(servers.c.server == self.name)))

    def stale_servers(self) -> tuple[str, ...]:
        """The other servers that have tasks, but sent no heartbeat for 30 seconds."""

        def work(connection: Connection) -> tuple[str, ...]:
            alive = select(servers.c.server).where(servers.c.seen_us > database_now_us(connection) - STALE_US)
            named = select(tasks.c.server).where(tasks.c.server.is_not(None), tasks.c.server != self.name).distinct()
            return tuple(connection.scalars(named.where(tasks.c.server.not_in(alive))))

        return self._database.run_read_only(work)
