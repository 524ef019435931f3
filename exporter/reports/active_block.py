"""The five-hour block that has not ended: what it cost so far, and will cost at its current rate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import TypedDict

from exporter.counting.blocks import BLOCK_US, HOUR_US, Blocks
from exporter.counting.messages import CountedMessage
from exporter.model.money import dollars
from exporter.reports.cost_groups import block_name

MIN_RATE_US = 10 * 60 * 1_000_000  # a few requests in the first minutes say little about the hour


class ActiveBlock(TypedDict):
    """Costs in US dollars; the rate is that since its first message, over at least ten minutes."""

    block: str
    ends: str
    cost_usd: float
    cost_usd_per_hour: float
    projected_cost_usd: float


def active_block(
    messages: Iterable[CountedMessage], blocks: Blocks, now_us: int, zone: tzinfo | None
) -> ActiveBlock | None:
    """The active block, as far as it is of these messages; None if there is none."""
    start_us = blocks.active(now_us)
    found = [message for message in messages if start_us is not None and start_us <= message.time_us <= now_us]
    if start_us is None or not found:
        return None
    cost = dollars(sum(message.cost.total for message in found if message.cost))
    end_us, first_us = start_us + BLOCK_US, min(message.time_us for message in found)
    per_hour = cost / max(MIN_RATE_US, now_us - first_us) * HOUR_US
    return {
        "block": block_name(start_us, zone),
        "ends": block_name(end_us, zone),
        "cost_usd": cost,
        "cost_usd_per_hour": per_hour,
        "projected_cost_usd": cost + per_hour * (end_us - now_us) / HOUR_US,
    }
