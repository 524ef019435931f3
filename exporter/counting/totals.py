"""Totals since the ledger was created, and the increments of one batch."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from exporter.counting.catalog import LABEL_OVERFLOW, METRICS, Counter, Histogram
from exporter.model.text import label_value

Labels = tuple[str, ...]
Key = tuple[str, Labels]
OTHER = "other"


@dataclass(slots=True)
class Distribution:
    """The counts of a histogram, one per bucket including +Inf, and the sum of its values."""

    counts: list[int]
    sum: int = 0

    @classmethod
    def empty(cls, histogram: Histogram) -> Distribution:
        """A distribution without values."""
        return cls([0] * (len(histogram.bounds) + 1))

    def merge(self, other: Distribution) -> None:
        """Add the values of another distribution."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.sum += other.sum


@dataclass(slots=True)
class Increments:
    """The increments of one batch by metric and label values.

    `named` counts the (label, value) pairs of events which no counter of `events` has with all of their labels.
    """

    counters: Tally[Key] = field(default_factory=Tally)
    distributions: dict[Key, Distribution] = field(default_factory=dict)
    named: Tally[tuple[str, str]] = field(default_factory=Tally)

    def count(self, counter: Counter, labels: Labels = (), times: int = 1) -> None:
        """Increment a counter."""
        self.counters[counter.name, labels] += times

    def observe(self, histogram: Histogram, value: int, labels: Labels = ()) -> None:
        """Add a value to a histogram."""
        self.observe_all(histogram, (value,), labels)

    def observe_all(self, histogram: Histogram, values: Sequence[int], labels: Labels = ()) -> None:
        """Add values to a histogram."""
        distribution = self.distributions.get((histogram.name, labels))
        if distribution is None:
            distribution = self.distributions[histogram.name, labels] = Distribution.empty(histogram)
        counts, bounds = distribution.counts, histogram.bounds
        for value in values:
            counts[bisect_left(bounds, value)] += 1
        distribution.sum += sum(values)

    def clear(self) -> None:
        """Drop all increments."""
        self.counters.clear()
        self.distributions.clear()
        self.named.clear()

    def merge(self, other: Increments) -> None:
        """Add the increments of another batch."""
        self.counters.update(other.counters)
        self.named.update(other.named)
        for key, distribution in other.distributions.items():
            if key in self.distributions:
                self.distributions[key].merge(distribution)
            else:
                self.distributions[key] = distribution


@dataclass(slots=True)
class Totals:
    """Everything counted since the ledger was created, and the known values of each unbounded label."""

    label_limit: int
    counters: dict[Key, int] = field(default_factory=dict)
    distributions: dict[Key, Distribution] = field(default_factory=dict)
    label_values: dict[str, set[str]] = field(default_factory=dict)

    def bounded(self, increments: Increments) -> Increments:
        """The increments with label values beyond the limit counted as `other`, and the overflow counted.

        New values within the limit are added to `label_values`.
        """
        result = Increments()
        for (name, labels), times in increments.counters.items():
            if times:
                result.counters[name, self._fold(name, labels)] += times
        for label, times in self._overflow(increments):
            result.counters[LABEL_OVERFLOW.name, (label,)] += times
        for (name, labels), distribution in increments.distributions.items():
            key = (name, self._fold(name, labels))
            if key in result.distributions:
                result.distributions[key].merge(distribution)
            else:
                result.distributions[key] = Distribution(list(distribution.counts), distribution.sum)
        return result

    def bounded_value(self, label: str, value: str) -> str:
        """The value of a label in the metrics: the value itself, or `other` if it is beyond the limit."""
        value, values = label_value(value), self.label_values.get(label, ())
        return value if value in values or len(values) < self.label_limit else OTHER

    def _fold(self, name: str, labels: Labels) -> Labels:
        metric = METRICS[name]
        if not metric.unbounded:
            return labels
        return tuple(
            self._admit(label, label_value(value)) if label in metric.unbounded else value
            for label, value in zip(metric.labels, labels, strict=True)
        )

    def _overflow(self, increments: Increments) -> Iterator[tuple[str, int]]:
        """The labels with values that counted as `other`, and the number of such events."""
        named = list(increments.named.items())
        for (name, labels), times in increments.counters.items():
            metric = METRICS[name]
            if isinstance(metric, Counter) and metric.events:
                pairs = zip(metric.labels, labels, strict=True)
                named += [(pair, times) for pair in pairs if pair[0] in metric.unbounded]
        for (label, value), times in named:
            if self.bounded_value(label, value) != label_value(value):
                yield label, times

    def _admit(self, label: str, value: str) -> str:
        values = self.label_values.setdefault(label, set())
        if value in values:
            return value
        if len(values) >= self.label_limit:
            return OTHER
        values.add(value)
        return value
