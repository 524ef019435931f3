"""Arithmetic of usages, kind by kind; no number becomes negative."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import astuple, replace

from exporter.model.records import Usage

NO_USAGE = Usage()


def total(usages: Iterable[Usage]) -> Usage:
    """The sum."""
    return Usage(*map(sum, zip(*map(astuple, (NO_USAGE, *usages)), strict=True)))


def smaller(usage: Usage, other: Usage) -> Usage:
    """The minimum of each number."""
    return Usage(*map(min, astuple(usage), astuple(other)))


def larger(usage: Usage, other: Usage) -> Usage:
    """The maximum of each number."""
    return Usage(*map(max, astuple(usage), astuple(other)))


def minus(usage: Usage, part: Usage) -> Usage:
    """What is left without a part.

    Cache writes are subtracted as a whole: the lifetimes may have been reported for one of the two only.
    """
    left = Usage(*(max(0, number - other) for number, other in zip(astuple(usage), astuple(part), strict=True)))
    written = max(0, _written(usage) - _written(part))
    hour = min(left.cache_write_1h, written)
    return replace(left, cache_write_5m=written - hour, cache_write_1h=hour)


def _written(usage: Usage) -> int:
    return usage.cache_write_5m + usage.cache_write_1h
