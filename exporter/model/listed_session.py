"""Sessions as they are listed: all that a list shows and sorts by."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from exporter.model.money import Amount
from exporter.model.sessions import Session


class ListedRow(msgspec.Struct, frozen=True, gc=False):
    """A row of the ledger's `session_list`. `models` and `agents` are JSON arrays.

    `cost` is that of its messages; None if it has none, or none with a price: `amount` tells these apart.
    `unpriced_tokens` are those of messages without one, whose cost is not in it.
    `calls` has those that have presumably ended. The title is redacted.
    """

    session_id: str
    title: str = ""
    project: str = ""
    first_us: int = 0
    last_us: int = 0
    calls: int = 0
    failed: int = 0
    open_calls: int = 0
    background_calls: int = 0
    running_agents: int = 0
    ended: int = 0
    hook_last_us: int = 0
    transcript_ended: int = 0
    transcript_last_us: int = 0
    models: str = "[]"
    agents: str = "[]"
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost: int | None = None
    unpriced_tokens: int = 0

    @property
    def amount(self) -> Amount:
        """What it cost; unknown without a transcript, or without a price of its models."""
        has_messages = self.models != "[]"
        cost = 0 if self.cost is None and not has_messages and self.session.has_transcript else self.cost
        return Amount(cost, self.unpriced_tokens)

    @property
    def session(self) -> Session:
        """The session."""
        return Session(
            self.session_id, self.project, self.first_us, self.last_us, ended=bool(self.ended), calls=self.calls,
            open_calls=self.open_calls, hook_last_us=self.hook_last_us, transcript_last_us=self.transcript_last_us,
            transcript_ended=bool(self.transcript_ended), background_calls=self.background_calls,
            running_agents=self.running_agents,
        )  # fmt: skip


class Listed(NamedTuple):
    """A session of the list, and the label of its project."""

    row: ListedRow
    label: str
