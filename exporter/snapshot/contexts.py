"""How full the contexts of running sessions are, as of their last requests."""

from __future__ import annotations

from exporter.model.contexts import Context
from exporter.prices.context_windows import context_window
from exporter.snapshot.live_spending import LiveSpending
from exporter.snapshot.work import ContextNow, Running


def with_contexts(work: Running, spending: LiveSpending | None) -> Running:
    """Running work with the contexts of its sessions; without any where transcripts are not read."""
    running = [task for task in work["tasks"] if task["started_at"] and not task["finished_at"]]
    ids = [task["session_uuid"] or "" for task in running] + [session["session_uuid"] for session in work["sessions"]]
    contexts = spending.contexts(ids) if spending else {}
    shown = {session_id: _shown(context) for session_id, context in contexts.items()}
    return {
        "tasks": [
            {**task, "context": shown.get(task["session_uuid"] or "") if task in running else None}
            for task in work["tasks"]
        ],
        "ended_tasks": work["ended_tasks"],
        "sessions": [{**session, "context": shown.get(session["session_uuid"])} for session in work["sessions"]],
    }


def _shown(context: Context) -> ContextNow:
    return {
        "tokens": context.tokens,
        "window": context_window(context.model, context.tokens),
        "model": context.model,
    }
