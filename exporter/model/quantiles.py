"""Quantiles of values that have been measured."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil


def quantile(ordered: Sequence[int], share: float) -> int | None:
    """The smallest value such that at least this share of all values is not above it; None without values."""
    return ordered[max(0, ceil(len(ordered) * share) - 1)] if ordered else None
