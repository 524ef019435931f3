"""Words of PromQL that rules have in common. `BY` is what tells one meter from another."""

from __future__ import annotations

from collections.abc import Iterable

BY = "job, instance"


def total(expr: str, *labels: str) -> str:
    """The sum for each meter, and for each value of more labels."""
    return f"sum by ({', '.join((BY, *labels))}) ({expr})"


def rate(metric: str, window: str, *labels: str) -> str:
    """How much it grew in a second, over a window."""
    return total(f"rate({metric}[{window}])", *labels)


def increase(metric: str, window: str, *labels: str) -> str:
    """How much it grew over a window."""
    return total(f"increase({metric}[{window}])", *labels)


def risen(metric: str, window: str, *labels: str) -> str:
    """How far it stands above its lowest in a window, for counters that are there from their meter's first page on.

    Unlike `increase`, it means the same to every engine, and takes a counter that fell with its ledger for no rise.
    """
    return total(f"{metric} - min_over_time({metric}[{window}])", *labels)


def share(part: str, whole: str) -> str:
    """What part is of the whole, of 1; nothing where the whole is nothing."""
    return f"{part}\n/\n({whole} > 0)"


def growth(metric: str, window: str, *labels: str) -> str:
    """How much it grew over a window, the birth of a series included, which `increase` does not see.

    For counters of rare events, whose first event is the one that matters. A series is born only if its meter was
    scraped when the window began: to a new Prometheus all is new.
    """
    now, then = total(metric, *labels), total(f"{metric} offset {window}", *labels)
    return f"clamp_min({now} - ({then} or 0 * {now}), 0)\nand on ({BY}) (max_over_time(up[5m] offset {window}) == 1)"


def every(conditions: Iterable[str], *labels: str) -> str:
    """What the first gives, where all the others hold for the same meter."""
    return f"\nand on ({', '.join((BY, *labels))})\n".join(conditions)
