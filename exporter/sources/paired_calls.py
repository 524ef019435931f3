"""Calls that the fast path paired without creating records, grouped by what is counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from exporter.model.records import Outcome, Project


@dataclass(slots=True)
class PairedCalls:
    """Ended calls of one session, by tool, agent and outcome; `errors` has tool and error text of those that failed.

    `active_us` has the last time of each sub-agent, by its id.
    """

    first_us: int
    last_us: int
    project: Project
    transcripts: set[str]
    call_ids: list[str] = field(default_factory=list)
    ended: dict[tuple[str, str, Outcome], int] = field(default_factory=lambda: defaultdict(int))
    errors: list[tuple[str, str]] = field(default_factory=list)
    active_us: dict[str, int] = field(default_factory=dict)
    durations_us: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
