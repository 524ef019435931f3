"""Amounts of money: integer picodollars internally, so that sums are exact; US dollars in output."""

from __future__ import annotations

PICODOLLARS = 10**12  # per US dollar


def dollars(picodollars: int) -> float:
    """The amount in US dollars."""
    return picodollars / PICODOLLARS


def dollars_or_none(picodollars: int | None) -> float | None:
    """The amount in US dollars; None if it is unknown."""
    return None if picodollars is None else dollars(picodollars)
