"""Reads messages from rows of `messages` joined with their origins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exporter.counting.spending import CountedMessage, Origin
from exporter.ledger.rows import MessageRow


def messages_of(rows: Iterable[tuple[Any, ...]]) -> dict[int, CountedMessage]:
    """Messages by key; the birth of the session and the origin are in the columns after those of the message."""
    width = len(MessageRow.__struct_fields__)
    return {row[0]: MessageRow(*row[:width]).message(row[width], Origin(*row[width + 1 :])) for row in rows}
