"""Spending in blocks of five hours, as a subscription's limit counts it: the first use after a block begins another.

The limit is not published, and only a status line or a task reports how much of it is used. Without them, the block
that cost more than nine in ten of the others is the best guess at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporter.counting.spending import SLOT_US

HOUR_US = 4 * SLOT_US
BLOCK_US = 5 * HOUR_US
MIN_BLOCKS = 5  # before a quantile of them says anything
QUANTILE = 0.9


@dataclass(frozen=True, slots=True)
class Block:
    """A block, from the hour of its first use on, with its cost in picodollars."""

    start_us: int
    cost: int

    @property
    def end_us(self) -> int:
        """The time at which the next use begins another block."""
        return self.start_us + BLOCK_US


def five_hour_blocks(slots: Mapping[int, int]) -> list[Block]:
    """The blocks of spending by quarter of an hour, in chronological order."""
    blocks: list[Block] = []
    for slot, cost in sorted(slots.items()):
        at_us = slot * SLOT_US
        if cost <= 0:
            continue
        if blocks and at_us < blocks[-1].end_us:
            blocks[-1] = Block(blocks[-1].start_us, blocks[-1].cost + cost)
        else:
            blocks.append(Block(at_us // HOUR_US * HOUR_US, cost))
    return blocks


def estimated_limit(ended: Iterable[Block]) -> int | None:
    """The P90 of the costs of blocks that have ended, in picodollars; None if there are too few."""
    costs = sorted(block.cost for block in ended)
    return costs[-int(-len(costs) * QUANTILE // 1) - 1] if len(costs) >= MIN_BLOCKS else None
