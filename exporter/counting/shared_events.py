"""Prompts and compactions, which hooks and transcripts report without a common id."""

from __future__ import annotations

from collections.abc import Set

from exporter.counting.catalog import AUTOMATIC_PROMPTS, COMPACTIONS, PROMPTS, Counter
from exporter.model.records import HookRecord, Prompt, PromptSource
from exporter.model.sessions import Session

SCHEDULED = "scheduled "  # prefix of the keys of prompts that Claude Code submits by itself


def shared_counter(record: HookRecord, seen: Set[str]) -> tuple[Counter, tuple[str, ...]] | None:
    """The counter of a prompt or compaction and its labels, by the keys that its session has; None if it is neither."""
    if record.prompt:
        return _prompt_counter(record.prompt, seen)
    return (COMPACTIONS, (record.detail or "unknown",)) if record.event == "PreCompact" else None


def is_repeated(record: HookRecord, session: Session) -> bool:
    """Whether a hook announces a compaction again, which its first announcement has counted."""
    if record.event == "SessionStart":
        session.mark_started(record.agent_id)
    return record.event == "PreCompact" and not session.announce_compaction(record.agent_id)


def _prompt_counter(prompt: Prompt, seen: Set[str]) -> tuple[Counter, tuple[str, ...]]:
    source = PromptSource.SCHEDULE if SCHEDULED + prompt.digest in seen else prompt.source
    return (PROMPTS, ()) if source is PromptSource.PERSON else (AUTOMATIC_PROMPTS, (source,))
