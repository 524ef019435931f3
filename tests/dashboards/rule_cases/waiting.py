from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, Case, Fired, exporter


def since(reason: str) -> str:
    """When the longest wait for a reason began."""
    return exporter("claude_sessions_waiting_since_timestamp_seconds", reason=reason)


CASES = (
    Case(
        "ClaudeSessionWaiting", "a permission is not granted for a quarter of an hour", {since("permission"): "60x20"},
        "16m",
        (Fired(
            "An agent waits for a person on web",
            "A session has waited for 15m 0s (permission). It does nothing until somebody answers.",
            EXPORTER | {"reason": "permission"},
        ),),
    ),
    Case("ClaudeSessionWaiting", "a question was asked five minutes ago", {since("question"): "660x20"}, "16m"),
    Case("ClaudeSessionWaiting", "it was answered in time", {since("question"): "60x9 _x20"}, "16m"),
    Case("ClaudeSessionWaiting", "sessions are idle", {since("idle"): "60x20"}, "16m"),
)  # fmt: skip
