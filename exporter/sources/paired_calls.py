"""Calls that the fast path paired without creating records, grouped by what is counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from exporter.model.records import ErrorCategory, Outcome, Project
from exporter.sources.call_hours import CallHours
from exporter.sources.code_changes import CodeHours


@dataclass(slots=True)
class PairedCalls:
    """Ended calls of one session, by tool, agent and outcome; `errors` has tool and category of those that failed.

    `hours` has the same calls by the hour of their ends, `code` what they changed, `active_us` the last time of each
    sub-agent, by its id.
    """

    first_us: int
    last_us: int
    project: Project
    transcripts: set[str]
    call_ids: list[str] = field(default_factory=list)
    ended: dict[tuple[str, str, Outcome], int] = field(default_factory=lambda: defaultdict(int))
    errors: list[tuple[str, ErrorCategory]] = field(default_factory=list)
    active_us: dict[str, int] = field(default_factory=dict)
    hours: CallHours = field(default_factory=CallHours)
    code: CodeHours = field(default_factory=CodeHours)
    durations_us: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
