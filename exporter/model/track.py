"""Progress of work on a number of items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Track(Protocol):
    """A function that yields items, and shows how many of them have been taken."""

    def __call__(self, items: Sequence[Item], /) -> Iterator[Item]:
        """Yield the items."""
