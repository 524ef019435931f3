"""The five-hour blocks of Anthropic's subscriptions, as they can be inferred from messages.

Nothing reports where a block began. As in ccusage and claude-monitor, it began at the full hour of the first message
after the block before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

HOUR_US = 3_600_000_000
BLOCK_US = 5 * HOUR_US
MINUTE_US = 60_000_000
MIN_ELAPSED = 0.05  # of a block or window, before its rate says anything


class Blocks(msgspec.Struct, frozen=True):
    """The starts of blocks in chronological order. Times are microseconds since the epoch."""

    starts_us: tuple[int, ...]

    @classmethod
    def of(cls, times_us: Iterable[int]) -> Blocks:
        """The blocks of messages with these times, of all messages of an account."""
        starts: list[int] = []
        for time_us in sorted(times_us):
            if not starts or time_us >= starts[-1] + BLOCK_US:
                starts.append(time_us // HOUR_US * HOUR_US)
        return cls(tuple(starts))

    def start_of(self, time_us: int) -> int:
        """The start of the block of a message."""
        return self.starts_us[bisect_right(self.starts_us, time_us) - 1]

    def active(self, now_us: int) -> int | None:
        """The start of the block that has not ended by a time; None if there is none."""
        start_us = self.starts_us[-1] if self.starts_us else None
        return start_us if start_us is not None and now_us < start_us + BLOCK_US else None


def cost_at_end(cost: int, start_us: int, now_us: int) -> int | None:
    """What a block will cost by its end, at its rate since its start; None while it has just begun."""
    elapsed_us = now_us // MINUTE_US * MINUTE_US - start_us
    return cost * BLOCK_US // elapsed_us if elapsed_us >= MIN_ELAPSED * BLOCK_US else None
