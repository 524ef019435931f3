"""The rules by which API messages are counted: each message once, with the largest usage that its lines report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

import msgspec
from msgspec.structs import replace

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
from exporter.counting.session_usage import SessionUsage, UsedBy
from exporter.counting.totals import Increments
from exporter.counting.usages import NO_USAGE, larger
from exporter.model.records import NOT_ITEMIZED, ApiMessage, Usage
from exporter.prices.table import Cost
from exporter.sources.projects import UNKNOWN_PROJECT

SLOT_US = 15 * 60 * 1_000_000  # in every time zone, days start at a multiple of it
TOKEN_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
TOKENS_OF = attrgetter(*TOKEN_KINDS)
NO_COST = Cost(0, 0, 0)
MESSAGE_LABELS = ("model", "agent", "project")  # whose values come from messages
Price = Callable[[ApiMessage], Cost | None]  # PriceTable.cost


class Origin(msgspec.Struct, frozen=True, gc=False):
    """What a message is attributed to; what no line of it names is empty."""

    model: str
    agent: str
    project: str
    session: str
    branch: str = ""
    skill: str = ""
    mcp_server: str = ""
    speed: str = ""
    region: str = ""


class CountedMessage(msgspec.Struct, frozen=True, gc=False):
    """A message as it was counted; its cost is None if no price was known at that time.

    `copied` is as in ApiMessage, `born_us` the time of the first line of its session. It has `moved` if its calls were
    counted in another session, which had it when it was first counted.
    """

    key: int
    time_us: int
    origin: Origin
    usage: Usage
    cost: Cost | None
    fast: bool = False
    us_inference: bool = False
    copied: bool = False
    born_us: int = 0
    moved: bool = False

    @property
    def claim(self) -> tuple[bool, int, int, str]:
        """What decides between the sessions that have the message: the smallest claim had it first."""
        return self.copied, self.time_us, self.born_us, self.origin.session


@dataclass(slots=True)
class Spending:
    """The results of counting messages. `spent` is in picodollars, by quarter of an hour and origin.

    `used` has by how much the sums of messages have changed.
    """

    increments: Increments
    messages: dict[int, CountedMessage] = field(default_factory=dict)
    spent: Counter[tuple[int, Origin]] = field(default_factory=Counter)
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
        else:
            self._charge(after, after.cost, before)
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


def changes(message: ApiMessage, counted: CountedMessage) -> bool:
    """Whether a line changes a message that was counted: by more usage, or by the session that the message is of."""
    return exceeds(message.usage, counted.usage) or is_earlier(message, counted)


def is_earlier(message: ApiMessage, counted: CountedMessage) -> bool:
    """Whether the session of a line had the message before the one that it is attributed to."""
    if message.copied != counted.copied:
        return counted.copied
    if message.time_us != counted.time_us:
        return message.time_us < counted.time_us
    return (message.born_us, message.session) < (counted.born_us, counted.origin.session)


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


def merged(message: ApiMessage, price: Price, before: CountedMessage | None) -> CountedMessage:
    """A message after one more of its lines, in whatever order they are read: the maximum of each number.

    It belongs to the session that had it first.
    """
    if before is None:
        return _counted(message, price)
    if is_earlier(message, before):
        before = _owned(before, message, price)
    if not exceeds(message.usage, before.usage):
        return before
    if not exceeds(before.usage, message.usage):
        return _raised(before, message, price)
    return _raised(before, replace(message, usage=larger(before.usage, message.usage), parts=()), price)


def joined(one: CountedMessage, other: CountedMessage, price: Price) -> CountedMessage:
    """One message that two readers counted."""
    first, later = (other, one) if other.claim < one.claim else (one, other)
    if not exceeds(later.usage, first.usage):
        return first
    if exceeds(first.usage, later.usage):
        return merged(as_message(later), price, first)
    cost = max_cost(first.cost, later.cost)
    return replace(first, usage=later.usage, cost=cost, fast=later.fast, us_inference=later.us_inference)


def _counted(message: ApiMessage, price: Price) -> CountedMessage:
    return CountedMessage(
        message.key, message.time_us, _origin(message), message.usage, price(message), message.fast,
        message.us_inference, message.copied, message.born_us,
    )  # fmt: skip


def _origin(message: ApiMessage) -> Origin:
    return Origin(
        message.model, message.agent, message.project or UNKNOWN_PROJECT, message.session, message.branch,
        message.skill, message.mcp_server, message.speed, message.region,
    )  # fmt: skip


def _owned(before: CountedMessage, message: ApiMessage, price: Price) -> CountedMessage:
    """A counted message, attributed to the session of an earlier line, and priced as of then if that has all usage."""
    moved = before.moved or (not before.copied and before.origin.session != message.session)
    if not exceeds(before.usage, message.usage):
        return replace(_counted(message, price), moved=moved)
    return replace(
        before, time_us=message.time_us, origin=_origin(message), copied=message.copied, born_us=message.born_us,
        moved=moved,
    )  # fmt: skip


def _raised(before: CountedMessage, message: ApiMessage, price: Price) -> CountedMessage:
    """A counted message with the usage of `message` and its price, which is that of no single line."""
    fast, us_inference = before.fast or message.fast, before.us_inference or message.us_inference
    priced = replace(message, time_us=before.time_us, model=before.origin.model, fast=fast, us_inference=us_inference)
    cost = max_cost(before.cost, price(priced))
    return replace(before, usage=message.usage, cost=cost, fast=fast, us_inference=us_inference)


def as_message(counted: CountedMessage) -> ApiMessage:
    """A counted message in the form of a line, to be priced."""
    origin = counted.origin
    return ApiMessage(
        counted.key, counted.time_us, origin.model, origin.agent, origin.project, origin.session, counted.usage,
        counted.fast, counted.us_inference, (), counted.copied, counted.born_us, origin.branch, origin.skill,
        origin.mcp_server, origin.speed, origin.region,
    )  # fmt: skip


def max_cost(before: Cost | None, after: Cost | None) -> Cost | None:
    """The cost after a correction: a counter never falls, although prices may have changed since `before`."""
    return Cost(*map(max, before, after)) if before and after else before
