"""How API messages become numbers: every message once, with the largest usage that any of its lines tells of."""

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

SLOT_US = 15 * 60 * 1_000_000  # every time zone begins its day at the start of one
TOKEN_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
TOKENS_OF = attrgetter(*TOKEN_KINDS)
NOTHING = Usage()
FREE = Cost(0, 0, 0)
FROM_LOGS = ("model", "agent", "project")  # the labels whose values a message names


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Whom a message is put down to."""

    model: str
    agent: str
    project: str
    session: str


class CountedMessage(msgspec.Struct, frozen=True, gc=False):
    """A message as far as it is counted; its cost is None where no price was known when it was counted."""

    key: int
    time_us: int
    origin: Origin
    usage: Usage
    cost: Cost | None


@dataclass(slots=True)
class Spending:
    """What messages came to. `spent` is by the quarter of an hour and whom it is put down to, in picodollars."""

    increments: Increments
    messages: dict[int, CountedMessage] = field(default_factory=dict)
    spent: Counter[tuple[int, Origin]] = field(default_factory=Counter)

    def count_line(self, message: ApiMessage, cost: Cost | None, known: Mapping[int, CountedMessage]) -> bool:
        """Count what a line says that was not counted before; whether its message is new. `known` are those before."""
        before = self.messages.get(message.key) or known.get(message.key)
        if before and not says_more(message.usage, before.usage):
            return False
        after = merged(message, cost, before)
        self.messages[message.key] = after
        self._count(after, before)
        return before is None

    def count_message(self, message: CountedMessage) -> None:
        """Count a message of which every line was read."""
        self._count(message, None)

    def _count(self, after: CountedMessage, before: CountedMessage | None) -> None:
        origin, count = after.origin, self.increments.count
        usage_before = before.usage if before else NOTHING
        added = [new - old for new, old in zip(TOKENS_OF(after.usage), TOKENS_OF(usage_before), strict=True)]
        for kind, tokens in zip(TOKEN_KINDS, added, strict=True):
            if tokens:
                count(TOKENS, (origin.model, kind, origin.agent, origin.project), tokens)
        if searches := after.usage.web_searches - usage_before.web_searches:
            count(WEB_SEARCHES, (), searches)
        if before is None:
            count(API_REQUESTS, (origin.model,))
            self.increments.named.update((label, getattr(origin, label)) for label in FROM_LOGS)
            self.increments.observe(CONTEXT_TOKENS, after.usage.prompt)
        if after.cost is None:
            count(UNPRICED_TOKENS, (origin.model,), sum(added))
        else:
            self._charge(after, after.cost, before.cost if before and before.cost else FREE)

    def _charge(self, message: CountedMessage, cost: Cost, charged: Cost) -> None:
        origin, count = message.origin, self.increments.count
        count(COST, (origin.model, origin.agent, origin.project), cost.total - charged.total)
        count(CACHE_SAVINGS, (origin.model,), cost.cache_saved - charged.cache_saved)
        count(CACHE_PREMIUM, (origin.model,), cost.cache_premium - charged.cache_premium)
        self.spent[message.time_us // SLOT_US, origin] += cost.total - charged.total


def says_more(usage: Usage, counted: Usage) -> bool:
    """Whether a line of a message tells of more than was counted."""
    return (
        usage.output > counted.output
        or usage.input > counted.input
        or usage.cache_read > counted.cache_read
        or usage.cache_write_5m > counted.cache_write_5m
        or usage.cache_write_1h > counted.cache_write_1h
        or usage.web_searches > counted.web_searches
    )


def merged(message: ApiMessage, cost: Cost | None, before: CountedMessage | None) -> CountedMessage:
    """A message after one more line of it: the larger of every number. What it is put down to stays as it was."""
    if before is None:
        origin = Origin(message.model, message.agent, message.project or UNKNOWN_PROJECT, message.session)
        return CountedMessage(message.key, message.time_us, origin, message.usage, cost)
    return _raised(before, message.usage, cost)


def joined(before: CountedMessage, later: CountedMessage) -> CountedMessage:
    """The same message as two readers counted it, the one of its earlier lines first."""
    return _raised(before, later.usage, later.cost) if says_more(later.usage, before.usage) else before


def _raised(before: CountedMessage, usage: Usage, cost: Cost | None) -> CountedMessage:
    larger = Usage(*map(max, astuple(usage), astuple(before.usage))) if says_more(before.usage, usage) else usage
    charged = Cost(*map(max, cost, before.cost)) if cost and before.cost else before.cost
    return CountedMessage(before.key, before.time_us, before.origin, larger, charged)
