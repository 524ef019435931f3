"""A pool of SQLite connections without locks, so that native threads and greenlets can share it."""

from __future__ import annotations

from collections import deque
from typing import Any

from sqlalchemy.pool import ConnectionPoolEntry, Pool

MAX_IDLE = 16


class IdlePool(Pool):
    """Keeps idle connections, which costs a quarter of opening one for each transaction. It never waits."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: deque[ConnectionPoolEntry] = deque()  # whose methods are atomic

    def status(self) -> str:
        """The number of idle connections, for logs."""
        return f"{len(self._idle)} idle connections"

    def recreate(self) -> IdlePool:
        """A new, empty pool with the same settings."""
        return IdlePool(
            self._creator, recycle=self._recycle, echo=self.echo, logging_name=self._orig_logging_name,
            reset_on_return=self._reset_on_return, pre_ping=self._pre_ping, dialect=self._dialect,
            _dispatch=self.dispatch,
        )  # fmt: skip

    def dispose(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            return self._idle.pop()
        except IndexError:
            return self._create_connection()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if len(self._idle) < MAX_IDLE:
            self._idle.append(record)
        else:
            record.close()
