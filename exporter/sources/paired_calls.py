"""Calls that the fast path paired without creating records, grouped by what is counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from exporter.model.records import Project
from exporter.sources.call_hours import CallEnds, no_ends
from exporter.sources.code_changes import CodeHours


@dataclass(slots=True)
class PairedCalls:
    """Ended calls of one session; `code` has what they changed, `active_us` the last time of each sub-agent by id."""

    first_us: int
    last_us: int
    project: Project
    transcripts: set[str]
    call_ids: list[str] = field(default_factory=list)
    ends: CallEnds = field(default_factory=no_ends)
    active_us: dict[str, int] = field(default_factory=dict)
    code: CodeHours = field(default_factory=CodeHours)
    durations_us: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
