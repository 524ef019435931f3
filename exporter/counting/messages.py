"""API messages as they are counted: each once, with the largest usage that its lines report."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from exporter.counting.usages import larger
from exporter.model.money import Amount
from exporter.model.records import ApiMessage, Usage
from exporter.prices.table import Cost
from exporter.sources.projects import UNKNOWN_PROJECT

SLOT_US = 15 * 60 * 1_000_000  # in every time zone, days start at a multiple of it
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
    cost = grown_cost(first, later.cost)
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
    cost = grown_cost(before, price(priced))
    return replace(before, usage=message.usage, cost=cost, fast=fast, us_inference=us_inference)


def as_message(counted: CountedMessage) -> ApiMessage:
    """A counted message in the form of a line, to be priced."""
    origin = counted.origin
    return ApiMessage(
        counted.key, counted.time_us, origin.model, origin.agent, origin.project, origin.session, counted.usage,
        counted.fast, counted.us_inference, (), counted.copied, counted.born_us, origin.branch, origin.skill,
        origin.mcp_server, origin.speed, origin.region,
    )  # fmt: skip


def cost_of_messages(messages: Iterable[CountedMessage]) -> Amount:
    """What messages cost; unknown if none of them has a price."""
    listed = list(messages)
    costs = [message.cost.total for message in listed if message.cost]
    unpriced_tokens = sum(message.usage.tokens for message in listed if message.cost is None)
    return Amount(sum(costs) if costs else None, unpriced_tokens)


def grown_cost(before: CountedMessage, after: Cost | None) -> Cost | None:
    """The cost after a correction: a counter never falls, although prices may have changed since `before`.

    That of searches alone is not known any more if they turn out to have used tokens without a price.
    """
    if before.cost and after:
        return Cost(*map(max, before.cost, after))
    return before.cost if before.usage.tokens else None
