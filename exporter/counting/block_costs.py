"""What five-hour blocks cost, and the limit that these costs suggest.

The limit is not published, and only a status line or a task reports how much of it is used. Without them, the block
that cost more than nine in ten of the others is the best guess at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporter.counting.blocks import BLOCK_US, Blocks
from exporter.counting.budgets import SpentBySlot
from exporter.counting.messages import SLOT_US
from exporter.model.quantiles import quantile

MIN_BLOCKS = 5  # before a quantile of them says anything
QUANTILE = 0.9


@dataclass(frozen=True, slots=True)
class Block:
    """A block, from the hour of its first use on, with its cost in picodollars, as far as models have a price."""

    start_us: int
    cost: int
    unpriced_tokens: int = 0

    @property
    def end_us(self) -> int:
        """The time at which the next use begins another block."""
        return self.start_us + BLOCK_US


def block_costs(slots: SpentBySlot) -> list[Block]:
    """The blocks of spending, in chronological order. The use of models without a price begins a block, too."""
    costs, unpriced = map(_by_time, slots)
    blocks = Blocks.of({**costs, **unpriced})
    cost_of, unpriced_of = (_by_block(numbers, blocks) for numbers in (costs, unpriced))
    return [Block(start_us, cost_of[start_us], unpriced_of[start_us]) for start_us in blocks.starts_us]


def _by_time(slots: Mapping[int, int]) -> dict[int, int]:
    return {slot * SLOT_US: number for slot, number in slots.items() if number > 0}


def _by_block(numbers: Mapping[int, int], blocks: Blocks) -> Counter[int]:
    found = Counter[int]()
    for time_us, number in numbers.items():
        found[blocks.start_of(time_us)] += number
    return found


def estimated_limit(ended: Iterable[Block]) -> int | None:
    """The P90 of the known costs of blocks that have ended, in picodollars; None if there are too few."""
    costs = sorted(block.cost for block in ended if block.cost)
    return quantile(costs, QUANTILE) if len(costs) >= MIN_BLOCKS else None
