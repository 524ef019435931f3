"""Histories of targets with outages, restarts and births, and what the boards should count of each.

One scrape a minute. The selected range is a day, from 0 to DAY seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 86400
START, END = -30 * HOUR, DAY
Span = tuple[int, int]  # seconds, both included
Steps = tuple[tuple[int, int], ...]  # times and new values; the series begins with the first one
NEVER: Span = (END + 1, END)


@dataclass(frozen=True, slots=True)
class History:
    """A target, and the increases of its counters in the range: as a total, and as the sum of the bars of a graph."""

    name: str
    counters: Mapping[str, Steps]
    total: Mapping[str, int]
    bars: Mapping[str, int] | None = None  # where a graph shows more
    away: Span = NEVER  # when it was not scraped
    failing: Span = NEVER  # when its page lacked the counters
    since: int = START  # when it was scraped for the first time
    ledger: Steps = ((START, START),)  # when its ledger was created
    labelled: int = END + 1  # when its target got a further label
    has_gap: bool = True  # at an end of the range

    def lines(self, now: int, port: int, counter: str, marker: str) -> Iterator[str]:
        """Each sample as a line of OpenMetrics; counter and marker are the starts of series."""
        for at in range(self.since, END + 1, MINUTE):
            if not _within(at, self.away):
                label = ',team="build"' if at >= self.labelled else ""
                target, time = f'job="j",instance="{self.name}:{port}"{label}', now - END + at
                for series, value in self._page(at, now, counter, marker):
                    yield f"{series}{target}}} {value} {time}\n"

    def _page(self, at: int, now: int, counter: str, marker: str) -> Iterator[tuple[str, int]]:
        failing = _within(at, self.failing)
        created = max(value for since, value in self.ledger if since <= at)
        yield "hookmeter_ledger_created_timestamp_seconds{", now - END + created
        yield 'hookmeter_collector_success{collector="c",', int(not failing)
        yield marker, 0
        for name, steps in self.counters.items():
            reached = [value for since, value in steps if since <= at]
            if reached and not failing:
                yield counter.format(name), reached[-1]


def _within(at: int, span: Span) -> bool:
    return span[0] <= at <= span[1]


EXPORTERS = (
    History(
        "scraped all the time",
        {"existing": ((START, 100), (2 * HOUR, 130), (20 * HOUR, 160)), "born": ((6 * HOUR, 5), (7 * HOUR, 20))},
        {"existing": 60, "born": 20},
        has_gap=False,
    ),
    History(
        "killed, and back at once",
        {"killed": ((START, 100), (5 * HOUR, 140), (9 * HOUR, 160)), "born while killed": ((5 * HOUR, 9),)},
        {"killed": 60, "born while killed": 9},
        away=(5 * HOUR, 5 * HOUR),
        has_gap=False,
    ),
    History(
        "away for longer than the lookback",
        {"away": ((START, 100), (6 * HOUR, 140)), "born while away": ((7 * HOUR, 9), (10 * HOUR, 10))},
        {"away": 40, "born while away": 10},
        away=(5 * HOUR, 8 * HOUR),
        has_gap=False,
    ),
    History(
        "away when the range begins",
        {"before the range": ((START, 100), (-HOUR, 150), (2 * HOUR, 160)), "born before it": ((-HOUR, 7),)},
        {"before the range": 60, "born before it": 7},
        away=(-HOUR, HOUR),
    ),
    History(
        "away when the range ends",
        {"until the outage": ((START, 100), (10 * HOUR, 130), (23 * HOUR, 190))},
        {"until the outage": 30},
        away=(22 * HOUR, END),
    ),
    History(
        "new to the database, with a long history",
        {"long history": ((START, 1000), (9 * HOUR, 1030)), "born later": ((7 * HOUR, 5),)},
        {"long history": 30, "born later": 5},
        since=6 * HOUR,
    ),
    History(
        "away for more than a day",
        {"forgotten": ((START, 100), (-HOUR, 150), (6 * HOUR, 160))},
        {"forgotten": 10},
        away=(-26 * HOUR, 5 * HOUR),
    ),
    History(
        "lost its ledger",
        {"lost": ((START, 500), (4 * HOUR, 520), (12 * HOUR, 20), (15 * HOUR, 60))},
        {"lost": 40},
        bars={"lost": 60},
        ledger=((START, START), (12 * HOUR, 12 * HOUR)),
    ),
    History(
        "lost its ledger just before the range",
        {"lost before": ((START, 500), (-2 * MINUTE, 20), (3 * HOUR, 60))},
        {"lost before": 40},
        away=(-3 * MINUTE, 2 * MINUTE),
        ledger=((START, START), (-2 * MINUTE, -2 * MINUTE)),
    ),
    History(
        "got a new label",
        {"labelled": ((START, 100), (3 * HOUR, 130), (15 * HOUR, 160))},
        {"labelled": 60},
        labelled=12 * HOUR,
    ),
    History(
        "without counters when the range begins",
        {"unavailable before": ((START, 100), (2 * HOUR, 160))},
        {"unavailable before": 60},
        failing=(-20 * MINUTE, 20 * MINUTE),
    ),
    History(
        "without counters within the range",
        {"unavailable within": ((START, 100), (6 * HOUR, 140))},
        {"unavailable within": 40},
        failing=(5 * HOUR, 8 * HOUR),
        has_gap=False,
    ),
)
SERVERS = (
    History("up all the time", {"nightly": ((START, 10), (3 * HOUR, 25))}, {"nightly": 15}, has_gap=False),
    History(
        "away when the range begins",
        {"review": ((START, 10), (-HOUR, 12), (3 * HOUR, 25))},
        {"review": 15},
        away=(-HOUR, HOUR),
    ),
    History(
        "with another database",
        {"release": ((START, 30), (12 * HOUR, 4), (15 * HOUR, 9))},
        {"release": 5},
    ),
)
# All calls of Bash take up to 0.1 s until the sixth hour. Then 10 take up to 10 s, and there are the first 10 of Read,
# which take up to 0.1 s.
DURATIONS = History(
    "observes durations",
    {
        f'tool="{tool}",le="{bound}"': steps
        for tool, bound, steps in (
            ("Bash", "0.1", ((START, 100),)),
            ("Bash", "1", ((START, 100),)),
            ("Bash", "10", ((START, 100), (6 * HOUR, 110))),
            ("Bash", "+Inf", ((START, 100), (6 * HOUR, 110))),
            *(("Read", bound, ((6 * HOUR, 10),)) for bound in ("0.1", "1", "10", "+Inf")),
        )
    },
    {},
    has_gap=False,
)
