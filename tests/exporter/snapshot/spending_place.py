"""A directory with transcripts and a ledger for LiveSpending, and a clock that tests set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from exporter.counting.messages import CountedMessage
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.money import Amount
from exporter.snapshot.live_spending import WALK_US, LiveSpending, Spent
from exporter.sources.timestamps import to_us
from tests.support.transcript_lines import NOON, SESSION, SLUG

PICODOLLARS_EACH = 10 * 5_000_000 + 50 * 25_000_000  # a message of assistant_line()


class Place:
    """A directory with transcripts and a ledger, and a clock that tests set."""

    def __init__(self, directory: Path) -> None:
        self.data = directory / "data"
        self.projects = directory / "projects"
        self.transcript = self.projects / SLUG / f"{SESSION}.jsonl"
        self.now = NOON + timedelta(hours=1)
        self.tracker = self.new_tracker()

    def clock(self) -> int:
        return to_us(self.now.isoformat()) or 0

    def new_tracker(self) -> LiveSpending:
        return LiveSpending(self.data, [str(self.projects)], clock=self.clock)

    def spent(self, tracker: LiveSpending | None = None) -> Spent:
        """The figures of a tracker after its next walk."""
        self.now += timedelta(microseconds=WALK_US)
        tracker = tracker or self.tracker
        tracker.refresh(60)
        return tracker.spent()

    def read_again(self) -> list[CountedMessage]:
        """The messages of the session after a reading that has begun at once."""
        assert self.tracker.is_reading
        self.tracker.refresh(60)
        return self.tracker.messages_of(SESSION) or []

    @contextmanager
    def meter(self) -> Iterator[Meter]:
        with open_ledger(self.data, 200) as ledger:
            yield Meter([], ledger, self.clock, transcript_roots=[str(self.projects)])


def messages(number: int) -> Spent:
    cost = Amount(number * PICODOLLARS_EACH)
    return Spent(cost, cost, cost)
