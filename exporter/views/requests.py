"""API requests as JSON: their usage and cost."""

from __future__ import annotations

from typing import TypedDict

from exporter.counting.messages import CountedMessage
from exporter.model.clock import iso
from exporter.model.money import dollars
from exporter.model.text import encodable


class RequestSpent(TypedDict):
    """A request of a session: its id, the time of its response, its tokens by kind, and its cost.

    The cost is None if its model has no known price.
    """

    request: str
    at: str
    model: str
    agent: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None


def request_id(key: int) -> str:
    """The id of a request: the key of its message, as a text, as numbers of this size are not exact in JavaScript."""
    return f"{key:016x}"


def request_spent(message: CountedMessage) -> RequestSpent:
    """The JSON object of a message."""
    usage, cost = message.usage, message.cost
    return {
        "request": request_id(message.key),
        "at": iso(message.time_us),
        "model": encodable(message.origin.model),
        "agent": encodable(message.origin.agent),
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write_5m + usage.cache_write_1h,
        "cost_usd": None if cost is None else dollars(cost.total),
    }
