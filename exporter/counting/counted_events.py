"""The keys of events of transcripts that a batch counts, so that each counts once although its line has copies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(slots=True)
class CountedEvents:
    """The keys of the events of one batch; `exporter.sources.line_keys` makes them."""

    keys: set[int] = field(default_factory=set)

    def add(self, key: int, known: Collection[int]) -> bool:
        """Add the key of an event; True if it is neither in the batch nor `known` from earlier ones."""
        if key in self.keys or key in known:
            return False
        self.keys.add(key)
        return True
