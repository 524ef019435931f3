"""Amounts of money: whole picodollars inside, so that sums are exact; US dollars where people or JSON read them."""

from __future__ import annotations

PICODOLLARS = 10**12  # in a US dollar


def dollars(picodollars: int) -> float:
    """An amount in US dollars."""
    return picodollars / PICODOLLARS


def dollars_or_none(picodollars: int | None) -> float | None:
    """An amount in US dollars; None where it is unknown."""
    return None if picodollars is None else dollars(picodollars)
