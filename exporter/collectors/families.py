"""Totals as metric families. Only here are whole numbers converted to the unit of the metric."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.samples import Exemplar as Sample

from exporter.counting.catalog import Counter, Histogram
from exporter.counting.rules import Exemplar
from exporter.counting.totals import Labels, Totals
from exporter.model.text import label_value

MAX_EXEMPLAR_CHARACTERS = 64
ExemplarOf = Callable[[Labels, int], Exemplar | None]


def counter_family(totals: Totals, counter: Counter) -> CounterMetricFamily:
    """A counter with all its label values; those of closed sets are exported from the start, as 0."""
    family = CounterMetricFamily(counter.name, counter.help, labels=counter.labels)
    values = dict.fromkeys(counter.initial, 0)
    values.update({labels: value for (name, labels), value in totals.counters.items() if name == counter.name})
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value / counter.per if counter.per > 1 else value)
    return family


def histogram_family(totals: Totals, histogram: Histogram, exemplar: ExemplarOf | None = None) -> HistogramMetricFamily:
    """A histogram with all its label values, and the exemplar of each bucket if there is one."""
    family = HistogramMetricFamily(histogram.name, histogram.help, labels=histogram.labels)
    bounds = [*(repr(bound / histogram.per) for bound in histogram.bounds), "+Inf"]
    for (name, labels), distribution in sorted(totals.distributions.items()):
        if name != histogram.name:
            continue
        found = [exemplar(labels, number) if exemplar else None for number in range(len(bounds))]
        buckets = [
            (bound, count, _sample(known)) if known else (bound, count)
            for bound, count, known in zip(bounds, accumulate(distribution.counts), found, strict=True)
        ]
        family.add_metric(labels, buckets=buckets, sum_value=distribution.sum / histogram.per)
    return family


def _sample(exemplar: Exemplar) -> Sample:
    ended = None if exemplar.ended_us is None else exemplar.ended_us / 1e6
    session_id = label_value(exemplar.session_id)[:MAX_EXEMPLAR_CHARACTERS]
    return Sample({"session_id": session_id}, exemplar.duration_us / 1e6, ended)
