"""The error rate: one rule for pages, the API and the digest."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.model.records import Outcome


def error_rate_of(outcomes: Mapping[Outcome, int]) -> float | None:
    """The share of failures among calls that succeeded or failed; None if there are none."""
    ran = outcomes[Outcome.SUCCESS] + outcomes[Outcome.ERROR]
    return outcomes[Outcome.ERROR] / ran if ran else None
