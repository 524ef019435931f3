"""What a row of the table holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LabelText:
    """What a label says, and its values where they are a closed set."""

    says: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """What somebody wants to know, and the PromQL that answers it."""

    gives: str
    promql: str


@dataclass(frozen=True, slots=True)
class MetricText:
    """What the page says of a metric beside its name, type, labels and HELP; `more` is what follows the HELP."""

    name: str
    unit: str
    example: Example
    more: str = ""
    labels: Mapping[str, LabelText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Metrics of one subject, in the order of the page, with what is to be read before and behind their list."""

    title: str
    metrics: tuple[MetricText, ...]
    before: str = ""
    behind: str = ""
