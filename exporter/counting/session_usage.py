"""What sessions used, by session, model and agent: the sums of their messages, without reading these again."""

from __future__ import annotations

from operator import add

import msgspec
from msgspec.structs import astuple

from exporter.model.money import Amount
from exporter.model.records import Usage
from exporter.prices.table import Cost


class SessionUsage(msgspec.Struct, gc=False):
    """Sums over messages, or by how much they have changed; `priced` is the number of messages with a known price.

    `cost` is in picodollars; `unpriced_tokens` are those of the other messages.
    """

    messages: int = 0
    priced: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost: int = 0
    unpriced_tokens: int = 0

    def add(self, usage: Usage, cost: Cost | None, times: int) -> None:
        """Add a message (`times` is 1), or take it away (-1)."""
        self.messages += times
        self.input += times * usage.input
        self.output += times * usage.output
        self.cache_read += times * usage.cache_read
        self.cache_write += times * (usage.cache_write_5m + usage.cache_write_1h)
        if cost is None:
            self.unpriced_tokens += times * usage.tokens
        else:
            self.priced += times
            self.cost += times * cost.total

    def plus(self, other: SessionUsage) -> SessionUsage:
        """The sums of both."""
        return SessionUsage(*map(add, astuple(self), astuple(other)))

    @property
    def amount(self) -> Amount:
        """What it cost."""
        return Amount(self.cost if self.priced else None, self.unpriced_tokens)


class UsedBy(msgspec.Struct, frozen=True, gc=False):
    """Who used something."""

    session: str
    model: str
    agent: str
