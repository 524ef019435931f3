"""Cost-states and messages for tests of the rules on them, with times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from exporter.counting.messages import CountedMessage, Origin
from exporter.model.cost_states import CostState
from exporter.model.records import MAIN_AGENT, Usage
from exporter.prices.table import Cost

OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"
SECOND_US = 1_000_000
KEYS = count(1)


def state(
    at: float,
    lasted: float,
    usage: Mapping[str, Usage] | int,
    *,
    session: str = "s",
    started: float = 0,
    costs: Mapping[str, int] | None = None,
    others: tuple[float, ...] = (),
) -> CostState:
    """A cost-state written after a line of the time `at`; a number is that of input tokens of one model."""
    used = {OPUS: Usage(usage)} if isinstance(usage, int) else dict(usage)
    time_us, started_us, duration_us = (round(time * SECOND_US) for time in (at, started, lasted))
    return CostState(
        next(KEYS),
        session,
        "shop",
        "/projects/shop",
        time_us,
        started_us,
        duration_us,
        used,
        dict(costs or {}),
        others,
    )


def message(
    at: float,
    usage: Usage | int,
    *,
    model: str = OPUS,
    agent: str = MAIN_AGENT,
    session: str = "s",
    cost: Cost | None = None,
    copied: bool = False,
) -> CountedMessage:
    """A counted message; a number is that of input tokens."""
    origin = Origin(model, agent, "shop", session)
    used = Usage(usage) if isinstance(usage, int) else usage
    return CountedMessage(next(KEYS), round(at * SECOND_US), origin, used, cost, copied=copied)
