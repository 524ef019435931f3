"""Backfill for Prometheus: the history as OpenMetrics with timestamps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat

from exporter.counting.catalog import BYTES_READ, LABEL_OVERFLOW, LINES, METRICS, Counter, Histogram
from exporter.counting.totals import Distribution, Increments, Key, Totals
from exporter.reports.history import STEP_US

DAY_US = 24 * 3600 * 1_000_000
# Metrics of the exporter itself, which have no history.
EXCLUDED = frozenset({LINES.name, BYTES_READ.name, LABEL_OVERFLOW.name})


@dataclass(slots=True)
class Changes:
    """The increases of each series, with the ends of the steps in which they occurred.

    The history ends at `end_us`; a series that only increases later is 0 there. `undated` is what increased before all
    steps, as nobody knows when: a ledger remembers the calls of deleted files without times.
    """

    end_us: int
    counters: dict[Key, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    distributions: dict[Key, list[tuple[int, Distribution]]] = field(default_factory=lambda: defaultdict(list))
    undated: Increments = field(default_factory=Increments)

    @classmethod
    def of(cls, steps: Iterable[tuple[int, Increments]], until_us: int) -> Changes:
        """The changes in steps, of which those up to a time are history."""
        changes = cls(until_us // STEP_US * STEP_US)
        for step_us, increments in steps:
            for key, times in increments.counters.items():
                if key[0] not in EXCLUDED:
                    changes.counters[key].append((step_us, times))
            for key, added in increments.distributions.items():
                changes.distributions[key].append((step_us, added))
        return changes

    def note_totals(self, totals: Totals) -> None:
        """Have each series continue to the total that a ledger has of it, even if files lack some of that."""
        for key, total in totals.counters.items():
            dated = sum(increase for _, increase in self.counters.get(key, ()))
            if key[0] not in EXCLUDED and total > dated:
                self.undated.counters[key] = total - dated
        for key, distribution in totals.distributions.items():
            increases = [increase for _, increase in self.distributions.get(key, ())]
            self.undated.distributions[key] = _without(distribution, increases)

    @property
    def start_us(self) -> int:
        """The time before the first step; the end if nothing increased until then."""
        series: list[Sequence[tuple[int, object]]] = [*self.counters.values(), *self.distributions.values()]
        return min([self.end_us, *(increases[0][0] - STEP_US for increases in series)])

    @property
    def is_empty(self) -> bool:
        """Whether there are no series."""
        return not any(self.keys(metric) for metric in METRICS.values())

    def keys(self, metric: Counter | Histogram) -> list[Key]:
        """The series of a metric, sorted."""
        groups = (self.counters, self.distributions, self.undated.counters, self.undated.distributions)
        return sorted({key for group in groups for key in group if key[0] == metric.name})

    def counter(self, key: Key) -> tuple[list[int], list[int]]:
        """The ends of the steps in which a counter increased, and its values before and after each."""
        increases = self.counters.get(key, ())
        values = accumulate((times for _, times in increases), initial=self.undated.counters[key])
        return [step_us for step_us, _ in increases], list(values)

    def distribution(self, key: Key, histogram: Histogram) -> tuple[list[int], list[Distribution]]:
        """The ends of the steps in which a histogram increased, and its values before and after each."""
        increases = self.distributions.get(key, ())
        value = self.undated.distributions.get(key) or Distribution.empty(histogram)
        values = [value]
        for _, increase in increases:
            value = Distribution(list(value.counts), value.sum)
            value.merge(increase)
            values.append(value)
        return [step_us for step_us, _ in increases], values

    def sample_times(self, steps_us: Iterable[int]) -> list[tuple[int, int]]:
        """The times of a series' samples in seconds, each with the number of increases up to then.

        They are the ends of the steps that changed it and of the steps before, so that each increase has a start; the
        end, where scrapes continue it; and in between one a day, as totals look back for a day to find a value.
        """
        dated_us = [step_us for step_us in steps_us if step_us <= self.end_us]
        last_us = dated_us[0] - STEP_US if dated_us else self.end_us
        times = [(last_us, 0)]
        for number, step_us in enumerate(dated_us):
            times += [(time_us, number) for time_us in _unchanged(last_us, step_us - STEP_US)]
            times.append((step_us, number + 1))
            last_us = step_us
        times += [(time_us, len(dated_us)) for time_us in _unchanged(last_us, self.end_us)]
        return [(time_us // 1_000_000, number) for time_us, number in times]


def _without(total: Distribution, increases: Sequence[Distribution]) -> Distribution:
    """What a distribution has beyond these increases."""
    dated = zip(*(increase.counts for increase in increases), strict=True) if increases else repeat(())
    counts = [max(0, count - sum(known)) for count, known in zip(total.counts, dated, strict=False)]
    return Distribution(counts, max(0, total.sum - sum(increase.sum for increase in increases)))


def _unchanged(after_us: int, until_us: int) -> Iterator[int]:
    """The times of samples without an increase: every midnight in UTC, so that they share blocks, and the last one."""
    yield from range((after_us // DAY_US + 1) * DAY_US, until_us, DAY_US)
    if after_us < until_us:
        yield until_us


def openmetrics(changes: Changes, labels: Mapping[str, str]) -> Iterator[str]:
    """The history as OpenMetrics text, a series at a time, for `promtool tsdb create-blocks-from openmetrics`."""
    fixed = _pairs(labels)
    for name, metric in METRICS.items():
        keys = changes.keys(metric)
        if keys:
            yield f"# HELP {name} {_escaped(metric.help)}\n"
            yield f"# TYPE {name} {'counter' if isinstance(metric, Counter) else 'histogram'}\n"
        for key in keys:
            own = _pairs(dict(zip(metric.labels, key[1], strict=True)))
            if isinstance(metric, Counter):
                yield _counter_lines(metric, changes, key, own + fixed)
            else:
                yield from _histogram_lines(metric, changes, key, own + fixed)
    yield "# EOF\n"


def _counter_lines(counter: Counter, changes: Changes, key: Key, labels: list[str]) -> str:
    steps_us, totals = changes.counter(key)
    values = [total / counter.per for total in totals] if counter.per > 1 else totals
    return _lines(f"{counter.name}_total", labels, changes.sample_times(steps_us), values)


def _histogram_lines(histogram: Histogram, changes: Changes, key: Key, labels: list[str]) -> Iterator[str]:
    steps_us, totals = changes.distribution(key, histogram)
    times = changes.sample_times(steps_us)
    rows = [list(accumulate(total.counts)) for total in totals]
    bounds = [*(repr(bound / histogram.per) for bound in histogram.bounds), "+Inf"]
    for number, bound in enumerate(bounds):
        column = [row[number] for row in rows]
        yield _lines(f"{histogram.name}_bucket", [*labels, *_pairs({"le": bound})], times, column)
    yield _lines(f"{histogram.name}_count", labels, times, [row[-1] for row in rows])
    yield _lines(f"{histogram.name}_sum", labels, times, [total.sum / histogram.per for total in totals])


def _lines(name: str, labels: list[str], times: Sequence[tuple[int, int]], values: Sequence[float]) -> str:
    series = f"{name}{{{','.join(labels)}}}" if labels else name
    return "".join([f"{series} {values[number]} {second}\n" for second, number in times])


def _pairs(labels: Mapping[str, str]) -> list[str]:
    return [f'{name}="{_escaped(value)}"' for name, value in labels.items()]


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
