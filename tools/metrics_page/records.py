"""Records of the page: metrics with explained labels and an example query, in sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LabelText:
    """The meaning of a label, and its values if they are a closed set."""

    meaning: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A PromQL expression and what it returns."""

    result: str
    promql: str


@dataclass(frozen=True, slots=True)
class MetricText:
    """What the page has on a metric in addition to its type and HELP; `more` is appended to the HELP."""

    name: str
    unit: str
    example: Example
    more: str = ""
    labels: Mapping[str, LabelText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Metrics of one subject in the order of the page, with text before and after the table."""

    title: str
    metrics: tuple[MetricText, ...]
    before: str = ""
    after: str = ""
