"""What five-hour blocks cost, and the limit that these costs suggest.

The limit is not published, and only a status line or a task reports how much of it is used. Without them, the block
that cost more than nine in ten of the others is the best guess at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporter.counting.blocks import BLOCK_US, Blocks
from exporter.counting.messages import SLOT_US
from exporter.model.quantiles import quantile

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


def block_costs(slots: Mapping[int, int]) -> list[Block]:
    """The blocks of spending by quarter of an hour, in chronological order."""
    used = {slot * SLOT_US: cost for slot, cost in slots.items() if cost > 0}
    blocks, costs = Blocks.of(used), Counter[int]()
    for time_us, cost in used.items():
        costs[blocks.start_of(time_us)] += cost
    return [Block(start_us, costs[start_us]) for start_us in blocks.starts_us]


def estimated_limit(ended: Iterable[Block]) -> int | None:
    """The P90 of the costs of blocks that have ended, in picodollars; None if there are too few."""
    costs = sorted(block.cost for block in ended)
    return quantile(costs, QUANTILE) if len(costs) >= MIN_BLOCKS else None
