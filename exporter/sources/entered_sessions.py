"""Sessions that a process enters from another one, by `/clear`, `/resume` or `/branch`.

The background work of the previous session continues, and Claude Code reports the rest of it under the id of the new
one. Its calls are counted where they started.
"""

from __future__ import annotations

from collections.abc import Container

from exporter.model.records import HookRecord
from exporter.sources.agent_runs import BACKGROUND, HOOKED, Keys

ENTERED = "entered"  # the key of a session that may have been entered from another one
ENTRIES = frozenset({"clear", "resume", "fork"})


def remember_entry(record: HookRecord, keys: Keys) -> None:
    """Remember that a session may have been entered from another one."""
    if record.event == "SessionStart" and record.detail in ENTRIES:
        keys.remember(ENTERED)


def belongs_to_previous_session(call_id: str, agent_id: str, open_calls: Container[str], keys: Keys) -> bool:
    """Whether a call that ends is of the previous session: of a sub-agent that this session has not launched."""
    if not (call_id and agent_id and ENTERED in keys.seen) or call_id in open_calls or call_id in keys.seen:
        return False
    return keys.seen.isdisjoint((HOOKED + agent_id, BACKGROUND + agent_id))
