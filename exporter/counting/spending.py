"""The rules by which API messages are counted: each message once, with the largest usage that its lines report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec
from msgspec.structs import astuple

from exporter.counting.catalog import (
    API_REQUESTS,
    CACHE_PREMIUM,
    CACHE_SAVINGS,
    CONTEXT_TOKENS,
    COST,
    TOKENS,
    UNPRICED_TOKENS,
    WEB_SEARCHES,
)
from exporter.counting.totals import Increments
from exporter.model.records import ApiMessage, Usage
from exporter.prices.table import Cost
from exporter.sources.projects import UNKNOWN_PROJECT

SLOT_US = 15 * 60 * 1_000_000  # in every time zone, days start at a multiple of it
TOKEN_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
TOKENS_OF = attrgetter(*TOKEN_KINDS)
NO_USAGE = Usage()
NO_COST = Cost(0, 0, 0)
MESSAGE_LABELS = ("model", "agent", "project")  # whose values come from messages


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What a message is attributed to."""

    model: str
    agent: str
    project: str
    session: str


class CountedMessage(msgspec.Struct, frozen=True, gc=False):
    """A message as it was counted; its cost is None if no price was known at that time."""

    key: int
    time_us: int
    origin: Origin
    usage: Usage
    cost: Cost | None


@dataclass(slots=True)
class Spending:
    """The results of counting messages. `spent` is in picodollars, by quarter of an hour and origin."""

    increments: Increments
    messages: dict[int, CountedMessage] = field(default_factory=dict)
    spent: Counter[tuple[int, Origin]] = field(default_factory=Counter)

    def count_line(self, message: ApiMessage, cost: Cost | None, known: Mapping[int, CountedMessage]) -> bool:
        """Count the usage of a line beyond what was counted in `known`; True if its message is new."""
        before = self.messages.get(message.key) or known.get(message.key)
        if before and not exceeds(message.usage, before.usage):
            return False
        after = merged(message, cost, before)
        self.messages[message.key] = after
        self._count(after, before)
        return before is None

    def count_message(self, message: CountedMessage) -> None:
        """Count a message whose lines have all been read."""
        self._count(message, None)

    def _count(self, after: CountedMessage, before: CountedMessage | None) -> None:
        origin, count = after.origin, self.increments.count
        usage_before = before.usage if before else NO_USAGE
        added = [new - old for new, old in zip(TOKENS_OF(after.usage), TOKENS_OF(usage_before), strict=True)]
        for kind, tokens in zip(TOKEN_KINDS, added, strict=True):
            if tokens:
                count(TOKENS, (origin.model, kind, origin.agent, origin.project), tokens)
        if searches := after.usage.web_searches - usage_before.web_searches:
            count(WEB_SEARCHES, (), searches)
        if before is None:
            count(API_REQUESTS, (origin.model,))
            self.increments.named.update((label, getattr(origin, label)) for label in MESSAGE_LABELS)
            self.increments.observe(CONTEXT_TOKENS, after.usage.prompt)
        if after.cost is None:
            count(UNPRICED_TOKENS, (origin.model,), sum(added))
        else:
            self._charge(after, after.cost, before.cost if before and before.cost else NO_COST)

    def _charge(self, message: CountedMessage, cost: Cost, charged: Cost) -> None:
        origin, count = message.origin, self.increments.count
        count(COST, (origin.model, origin.agent, origin.project), cost.total - charged.total)
        count(CACHE_SAVINGS, (origin.model,), cost.cache_saved - charged.cache_saved)
        count(CACHE_PREMIUM, (origin.model,), cost.cache_premium - charged.cache_premium)
        self.spent[message.time_us // SLOT_US, origin] += cost.total - charged.total


def exceeds(usage: Usage, counted: Usage) -> bool:
    """Whether the usage of a line is larger than the counted one in any respect."""
    return (
        usage.output > counted.output
        or usage.input > counted.input
        or usage.cache_read > counted.cache_read
        or usage.cache_write_5m > counted.cache_write_5m
        or usage.cache_write_1h > counted.cache_write_1h
        or usage.web_searches > counted.web_searches
    )


def merged(message: ApiMessage, cost: Cost | None, before: CountedMessage | None) -> CountedMessage:
    """A message after one more of its lines: the maximum of each number; the origin is that of the first line."""
    if before is None:
        origin = Origin(message.model, message.agent, message.project or UNKNOWN_PROJECT, message.session)
        return CountedMessage(message.key, message.time_us, origin, message.usage, cost)
    return _maximum(before, message.usage, cost)


def joined(before: CountedMessage, later: CountedMessage) -> CountedMessage:
    """One message that two readers counted; `before` has its earlier lines."""
    return _maximum(before, later.usage, later.cost) if exceeds(later.usage, before.usage) else before


def _maximum(before: CountedMessage, usage: Usage, cost: Cost | None) -> CountedMessage:
    max_usage = Usage(*map(max, astuple(usage), astuple(before.usage))) if exceeds(before.usage, usage) else usage
    max_cost = Cost(*map(max, cost, before.cost)) if cost and before.cost else before.cost
    return CountedMessage(before.key, before.time_us, before.origin, max_usage, max_cost)
