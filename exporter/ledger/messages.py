"""Reads messages and what they are attributed to."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Any

from exporter.counting.messages import CountedMessage, Origin
from exporter.ledger import queries
from exporter.model.records import Usage
from exporter.prices.table import Cost


def messages(connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]) -> dict[int, CountedMessage]:
    """The messages that a query beginning with `queries.MESSAGES` finds, by key."""

    @cache  # for speed: many messages share an origin, which has more columns than they have
    def origin_of(origin_id: int) -> Origin:
        return Origin(*connection.execute(queries.SELECT_ORIGIN, (origin_id,)).fetchone())

    return {row[0]: _message(row, origin_of(row[1])) for row in connection.execute(query, parameters)}


def _message(row: tuple[Any, ...], origin: Origin) -> CountedMessage:
    cost, cache_saved, cache_premium, fast, us_inference, copied, moved, born_us = row[9:]
    known = None if cost is None else Cost(cost, cache_saved or 0, cache_premium or 0)
    return CountedMessage(
        row[0], row[2], origin, Usage(*row[3:9]), known, fast != 0, us_inference != 0, copied != 0, born_us, moved != 0
    )
