"""What messages add to the counters of spending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter

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
from exporter.counting.messages import SLOT_US, CountedMessage, Origin, Price, changes, merged
from exporter.counting.session_usage import SessionUsage, UsedBy
from exporter.counting.totals import Increments
from exporter.counting.usages import NO_USAGE
from exporter.model.records import NOT_ITEMIZED, ApiMessage
from exporter.prices.table import Cost

TOKEN_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
TOKENS_OF = attrgetter(*TOKEN_KINDS)
NO_COST = Cost(0, 0, 0)
MESSAGE_LABELS = ("model", "agent", "project")  # whose values come from messages


@dataclass(slots=True)
class Spending:
    """The results of counting messages. `spent` is in picodollars, by quarter of an hour and origin.

    `unpriced` has the tokens without a known price likewise, `used` has by how much the sums of messages have changed.
    """

    increments: Increments
    messages: dict[int, CountedMessage] = field(default_factory=dict)
    spent: Counter[tuple[int, Origin]] = field(default_factory=Counter)
    unpriced: Counter[tuple[int, Origin]] = field(default_factory=Counter)
    used: dict[UsedBy, SessionUsage] = field(default_factory=dict)

    def count_line(self, message: ApiMessage, price: Price, known: Mapping[int, CountedMessage]) -> bool:
        """Count the usage of a line beyond what was counted in `known`; True if its message is new."""
        before = self.messages.get(message.key) or known.get(message.key)
        if before and not changes(message, before):
            return False
        self.count_growth(merged(message, price, before), before)
        return before is None

    def count_message(self, message: CountedMessage) -> None:
        """Count a message whose lines have all been read."""
        self._count(message, None)

    def count_growth(self, after: CountedMessage, before: CountedMessage | None) -> None:
        """Count by how much a message has grown."""
        self.messages[after.key] = after
        self._count(after, before)

    def _count(self, after: CountedMessage, before: CountedMessage | None) -> None:
        origin, count = after.origin, self.increments.count
        usage_before = before.usage if before else NO_USAGE
        added = [new - old for new, old in zip(TOKENS_OF(after.usage), TOKENS_OF(usage_before), strict=True)]
        for kind, tokens in zip(TOKEN_KINDS, added, strict=True):
            if tokens:
                count(TOKENS, (origin.model, kind, origin.agent, origin.project), tokens)
        if searches := after.usage.web_searches - usage_before.web_searches:
            count(WEB_SEARCHES, (), searches)
        if before is None and origin.agent != NOT_ITEMIZED:
            count(API_REQUESTS, (origin.model,))
            for pair in zip(MESSAGE_LABELS, (origin.model, origin.agent, origin.project), strict=True):
                self.increments.named[pair] += 1
            self.increments.observe(CONTEXT_TOKENS, after.usage.prompt)
        if after.cost is None:
            count(UNPRICED_TOKENS, (origin.model,), sum(added))
            self.unpriced[after.time_us // SLOT_US, origin] += after.usage.tokens
            if before and before.cost:
                self.spent[before.time_us // SLOT_US, before.origin] -= before.cost.total
        else:
            self._charge(after, after.cost, before)
        if before and before.cost is None:
            self.unpriced[before.time_us // SLOT_US, before.origin] -= before.usage.tokens
        self._use(after, 1)
        if before:
            self._use(before, -1)

    def _use(self, message: CountedMessage, times: int) -> None:
        """Add a message to the sums of its session, or take it away."""
        by = UsedBy(message.origin.session, message.origin.model, message.origin.agent)
        used = self.used.get(by)
        if used is None:
            used = self.used[by] = SessionUsage()
        used.add(message.usage, message.cost, times)

    def _charge(self, after: CountedMessage, cost: Cost, before: CountedMessage | None) -> None:
        """Count the cost beyond what was charged. Spending moves with the message, but no counter ever decreases."""
        origin, count = after.origin, self.increments.count
        charged = before.cost if before and before.cost else NO_COST
        count(COST, (origin.model, origin.agent, origin.project), max(0, cost.total - charged.total))
        count(CACHE_SAVINGS, (origin.model,), max(0, cost.cache_saved - charged.cache_saved))
        count(CACHE_PREMIUM, (origin.model,), max(0, cost.cache_premium - charged.cache_premium))
        if before and before.origin is not origin:
            self.spent[before.time_us // SLOT_US, before.origin] -= charged.total
            charged = NO_COST
        self.spent[after.time_us // SLOT_US, origin] += cost.total - charged.total
