"""The servers that share the database, and their heartbeats."""

from __future__ import annotations

import socket

from sqlalchemy import Connection, delete, insert, select, update

from chatserver.storage.database import Database
from chatserver.storage.schema import servers, tasks
from chatserver.tasks.store import database_now_us

STALE_SECONDS = 30.0
STALE_US = round(STALE_SECONDS * 1_000_000)


class Heartbeats:
    """When this server's heartbeats succeeded, by time.monotonic()."""

    def __init__(self, now: float) -> None:
        self._last = now
        self._others_judged_from = now

    def note_success(self, now: float) -> None:
        """Note that a heartbeat succeeded."""
        if now - self._last > STALE_SECONDS / 2:
            # The database was away, from the other servers too: they have not had the time to send one since.
            self._others_judged_from = now + STALE_SECONDS
        self._last = now

    def are_stale(self, now: float) -> bool:
        """Whether heartbeats have failed for too long: the database can be read, perhaps, but not written."""
        return now - self._last > STALE_SECONDS

    def may_judge_others(self, now: float) -> bool:
        """Whether a server without a heartbeat is gone, rather than the database having been away."""
        return now >= self._others_judged_from


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
