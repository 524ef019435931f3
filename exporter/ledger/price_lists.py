"""The prices by which the costs in a ledger were counted: each message has the cost of the prices that held then."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

from exporter.ledger import queries
from exporter.prices.table import PriceList


class PricesSince(NamedTuple):
    """The prices that held from a time on."""

    since_seconds: int
    prices: PriceList


def price_lists(connection: sqlite3.Connection) -> list[PricesSince]:
    """All prices that ever held, the oldest first."""
    rows = connection.execute(queries.SELECT_PRICE_LISTS)
    return [PricesSince(since, PriceList(digest, tuple(json.loads(sources)))) for since, digest, sources in rows]


def note_prices(connection: sqlite3.Connection, prices: PriceList) -> None:
    """Add prices that hold from now on, within the transaction of the first costs that are counted by them."""
    connection.execute(queries.INSERT_PRICE_LIST, (prices.digest, json.dumps(prices.sources)))
