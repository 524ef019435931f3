"""The error rate: one rule for pages, the API and the digest, which is also that of boards and alerts."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.model.records import Outcome


def error_rate_of(outcomes: Mapping[Outcome, int]) -> float | None:
    """The share of failures among all calls that have ended, denied ones included; None if there are none."""
    ended = sum(outcomes.values())
    return outcomes.get(Outcome.ERROR, 0) / ended if ended else None
