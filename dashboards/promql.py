"""PromQL building blocks of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TARGET = "job, instance"  # the labels that identify a target
# The number of alerts that are evaluated: without it, a board cannot tell "none is firing" from "none is evaluated".
ALERT_RULES = "hookmeter:alert_rules:count"


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that Prometheus computes from others at regular intervals."""

    record: str
    expr: str


def total(expr: str, *labels: str) -> str:
    """The sum per target, and per further labels."""
    return f"sum by ({', '.join((TARGET, *labels))}) ({expr})"


def ratio(part: str, whole: str) -> str:
    """A part divided by the whole: 0 where the part is missing, no series where the whole is 0."""
    return f"({part} or 0 * {whole})\n/\n({whole} > 0)"


def all_of(conditions: Iterable[str], *labels: str) -> str:
    """The series of the first condition for which all others hold on the same target."""
    return f"\nand on ({', '.join((TARGET, *labels))})\n".join(conditions)
