"""Amounts of money: integer picodollars internally, so that sums are exact; US dollars in output."""

from __future__ import annotations

from typing import NamedTuple

PICODOLLARS = 10**12  # per US dollar


class Amount(NamedTuple):
    """What something cost: picodollars, None if nothing is known of it, and the tokens whose cost is not in them.

    These are of messages whose model has no known price.
    """

    picodollars: int | None = None
    unpriced_tokens: int = 0

    @classmethod
    def of_sums(cls, picodollars: int, unpriced_tokens: int) -> Amount:
        """The amount of sums; nothing is known of it if only tokens without a price were used."""
        return cls(None if unpriced_tokens and not picodollars else picodollars, unpriced_tokens)

    @property
    def dollars(self) -> float | None:
        """The amount in US dollars; None if it is unknown."""
        return dollars_or_none(self.picodollars)


def dollars(picodollars: int) -> float:
    """The amount in US dollars."""
    return picodollars / PICODOLLARS


def dollars_or_none(picodollars: int | None) -> float | None:
    """The amount in US dollars; None if it is unknown."""
    return None if picodollars is None else dollars(picodollars)
