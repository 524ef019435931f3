"""The five-hour block that has not ended: what it cost so far, and will cost at its current rate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import TypedDict

from exporter.counting.blocks import BLOCK_US, HOUR_US, Blocks, cost_at_end
from exporter.counting.messages import CountedMessage, cost_of_messages
from exporter.model.money import dollars, dollars_or_none
from exporter.reports.cost_groups import block_name


class ActiveBlock(TypedDict):
    """Costs in US dollars; the rate is that since its start, None while it has just begun, as in the quota report.

    They are None if only models without a known price were used; they lack the cost of `unpriced_tokens`.
    """

    block: str
    ends: str
    cost_usd: float | None
    cost_usd_per_hour: float | None
    projected_cost_usd: float | None
    unpriced_tokens: int


def active_block(
    messages: Iterable[CountedMessage], blocks: Blocks, now_us: int, zone: tzinfo | None
) -> ActiveBlock | None:
    """The active block, as far as it is of these messages; None if there is none."""
    start_us = blocks.active(now_us)
    found = [message for message in messages if start_us is not None and start_us <= message.time_us <= now_us]
    if start_us is None or not found:
        return None
    cost = cost_of_messages(found)
    at_end = None if cost.picodollars is None else cost_at_end(cost.picodollars, start_us, now_us)
    return {
        "block": block_name(start_us, zone),
        "ends": block_name(start_us + BLOCK_US, zone),
        "cost_usd": cost.dollars,
        "cost_usd_per_hour": None if at_end is None else dollars(at_end * HOUR_US // BLOCK_US),
        "projected_cost_usd": dollars_or_none(at_end),
        "unpriced_tokens": cost.unpriced_tokens,
    }
