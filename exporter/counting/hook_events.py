"""The events of hooks that are not calls: which are counted, and by which counters."""

from __future__ import annotations

from collections.abc import Callable

from exporter.counting.catalog import PERMISSION_REQUESTS, Counter
from exporter.model.records import HookRecord
from exporter.sources.agent_runs import STARTS
from exporter.sources.closers import CLOSERS

EVENT_COUNTERS: dict[str, tuple[Counter, Callable[[HookRecord], tuple[str, ...]]]] = {
    "PermissionRequest": (PERMISSION_REQUESTS, lambda record: (record.tool,)),
}
COUNTED_EVENTS = frozenset(
    {*EVENT_COUNTERS, *CLOSERS, STARTS, "Notification", "PermissionDenied", "PostToolBatch", "PreCompact"}
)
