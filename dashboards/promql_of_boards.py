"""PromQL building blocks of the boards."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.growth import EXPORTER, exact_rate

RATE = "$__rate_interval"


def series(metric: str, *selectors: str) -> str:
    """A series selector."""
    return f"{metric}{{{', '.join(selectors)}}}"


def rate(counter: str, by: str) -> str:
    """The per-second rate of a counter that starts at 0 with its process."""
    return f"sum by ({by}) (rate({counter}[{RATE}]))"


def share(part: str, whole: str) -> str:
    """A part divided by the whole, of values without labels: 0 where the part is missing; reads the whole only once."""
    return f"({part} or vector(0)) / ({whole} > 0)"


def quantile(rank: float, histogram: str, by: str = "", marker: str = EXPORTER) -> str:
    """A quantile of a histogram; no series, rather than NaN, where there are no observations."""
    return quantile_of(rank, exact_rate(histogram, marker), by)


def quantile_of(rank: float, bucket_rates: str, by: str = "") -> str:
    """A quantile of the rates of buckets."""
    return f"histogram_quantile({rank}, sum by ({f'le, {by}' if by else 'le'}) ({bucket_rates})) >= 0"


def ranked(expression: str) -> str:
    """The 12 largest values above 0, in the order in which Grafana shows them."""
    return f"sort_desc(topk(12, {expression} > 0))"


def by_name(expressions: Mapping[str, str]) -> str:
    """Several values in one query, distinguished by a label `name`."""
    return " or ".join(f'label_replace({one}, "name", "{name}", "", "")' for name, one in expressions.items())


def narrow(counter: str, *selectors: str) -> str:
    """A series selector with more label matchers."""
    return f"{counter[:-1]}, {', '.join(selectors)}}}"
