"""PromQL building blocks of the rules."""

from __future__ import annotations

from collections.abc import Iterable

TARGET = "job, instance"  # the labels that identify a target
# The number of alerts that are evaluated: without it, a board cannot tell "none is firing" from "none is evaluated".
ALERT_RULES = "hookmeter:alert_rules:count"


def total(expr: str, *labels: str) -> str:
    """The sum per target, and per further labels."""
    return f"sum by ({', '.join((TARGET, *labels))}) ({expr})"


def rate(metric: str, window: str, *labels: str) -> str:
    """The per-second rate of a counter over a window."""
    return total(f"rate({metric}[{window}])", *labels)


def increase(metric: str, window: str, *labels: str) -> str:
    """The increase of a counter over a window, without the first value of new series."""
    return total(f"increase({metric}[{window}])", *labels)


def rise_above_min(metric: str, window: str, *labels: str) -> str:
    """The value minus the lowest one of a window, for counters that exist from their target's first page on.

    Unlike `increase`, it gives the same in every engine, and does not take a counter that fell with its ledger for a
    rise.
    """
    return total(f"{metric} - min_over_time({metric}[{window}])", *labels)


def ratio(part: str, whole: str) -> str:
    """A part divided by the whole; no series where the whole is 0."""
    return f"{part}\n/\n({whole} > 0)"


def increase_with_first(metric: str, window: str, *labels: str) -> str:
    """The increase over a window, including the first value of new series, which `increase` ignores.

    For counters of rare events, where the first event is the one that matters. A series counts as new only if its
    target was scraped when the window began: to a new Prometheus everything is new.
    """
    now, then = total(metric, *labels), total(f"{metric} offset {window}", *labels)
    return (
        f"clamp_min({now} - ({then} or 0 * {now}), 0)\nand on ({TARGET}) (max_over_time(up[5m] offset {window}) == 1)"
    )


def all_of(conditions: Iterable[str], *labels: str) -> str:
    """The series of the first condition for which all others hold on the same target."""
    return f"\nand on ({', '.join((TARGET, *labels))})\n".join(conditions)
