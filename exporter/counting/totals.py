"""What has been counted: totals since the ledger began, and the increments of one batch."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from exporter.counting.catalog import LABEL_OVERFLOW, METRICS, Counter, Histogram

Labels = tuple[str, ...]
Key = tuple[str, Labels]
OTHER = "other"
LONGEST_VALUE = 128


@dataclass(slots=True)
class Distribution:
    """A histogram's counts, one a bucket and one for what lies above the last bound, and the sum of its values."""

    counts: list[int]
    sum: int = 0

    @classmethod
    def empty(cls, histogram: Histogram) -> Distribution:
        """One that holds nothing yet."""
        return cls([0] * (len(histogram.bounds) + 1))

    def add(self, other: Distribution) -> None:
        """Take another's counts in."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.sum += other.sum


@dataclass(slots=True)
class Increments:
    """What one batch adds, by (metric, label values).

    `named` says how often events named a (label, value), of those that no counter of events has by all their labels.
    """

    counters: Tally[Key] = field(default_factory=Tally)
    distributions: dict[Key, Distribution] = field(default_factory=dict)
    named: Tally[tuple[str, str]] = field(default_factory=Tally)

    def count(self, counter: Counter, labels: Labels = (), times: int = 1) -> None:
        """Add to a counter."""
        self.counters[counter.name, labels] += times

    def observe(self, histogram: Histogram, value: int, labels: Labels = ()) -> None:
        """Add one value to a histogram."""
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

    def merge(self, other: Increments) -> None:
        """Add another batch's."""
        self.counters.update(other.counters)
        self.named.update(other.named)
        for key, distribution in other.distributions.items():
            if key in self.distributions:
                self.distributions[key].add(distribution)
            else:
                self.distributions[key] = distribution


@dataclass(slots=True)
class Totals:
    """Everything counted since the ledger began, and the values that each label from the logs has taken."""

    label_limit: int
    counters: dict[Key, int] = field(default_factory=dict)
    distributions: dict[Key, Distribution] = field(default_factory=dict)
    label_values: dict[str, set[str]] = field(default_factory=dict)

    def bounded(self, increments: Increments) -> Increments:
        """The same increments with label values past the limit counted as `other`, and the overflow counted.

        Values that are new and within the limit are added to `label_values`.
        """
        result = Increments()
        for (name, labels), times in increments.counters.items():
            result.counters[name, self._fold(name, labels)] += times
        for label, times in self._overflow(increments):
            result.counters[LABEL_OVERFLOW.name, (label,)] += times
        for (name, labels), distribution in increments.distributions.items():
            key = (name, self._fold(name, labels))
            if key in result.distributions:
                result.distributions[key].add(distribution)
            else:
                result.distributions[key] = Distribution(list(distribution.counts), distribution.sum)
        return result

    def known(self, label: str, value: str) -> str:
        """The value as it stands on the metrics: itself, or `other` where it came past the limit."""
        value, values = clean(value), self.label_values.get(label, ())
        return value if value in values or len(values) < self.label_limit else OTHER

    def _fold(self, name: str, labels: Labels) -> Labels:
        metric = METRICS[name]
        if not metric.unbounded:
            return labels
        return tuple(
            self._admit(label, clean(value)) if label in metric.unbounded else value
            for label, value in zip(metric.labels, labels, strict=True)
        )

    def _overflow(self, increments: Increments) -> Iterator[tuple[str, int]]:
        """The labels of the events that counted as `other`, and how many did."""
        named = list(increments.named.items())
        for (name, labels), times in increments.counters.items():
            metric = METRICS[name]
            if isinstance(metric, Counter) and metric.events:
                pairs = zip(metric.labels, labels, strict=True)
                named += [(pair, times) for pair in pairs if pair[0] in metric.unbounded]
        for (label, value), times in named:
            if self.known(label, value) != clean(value):
                yield label, times

    def _admit(self, label: str, value: str) -> str:
        values = self.label_values.setdefault(label, set())
        if value in values:
            return value
        if len(values) >= self.label_limit:
            return OTHER
        values.add(value)
        return value


def clean(value: str) -> str:
    """A label value that fits a page: bounded in length, and text that UTF-8 can carry."""
    return (
        value[:LONGEST_VALUE].encode("utf-8", "replace").decode()
        if len(value) > LONGEST_VALUE or not value.isascii()
        else value
    )
