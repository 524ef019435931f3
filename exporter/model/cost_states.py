"""What a session has cost up to the end of one of its processes, as Claude Code has summed it up."""

from __future__ import annotations

import msgspec

from exporter.model.records import Usage


class CostState(msgspec.Struct, frozen=True, gc=False):
    """What a session has used since it started, by model; `time_us` is the time of the last line before it.

    `started_us` is the same over all resumes and forks of a session, `duration_us` is how long its processes have run.
    `costs` are the picodollars that Claude Code computed, and `others` are more numbers that never fall.
    """

    key: int
    session: str
    project: str
    directory: str
    time_us: int
    started_us: int
    duration_us: int
    usage: dict[str, Usage]
    costs: dict[str, int]
    others: tuple[float, ...] = ()
