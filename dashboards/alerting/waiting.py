"""The alert on sessions that wait for a person."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity

MAX_WAIT_SECONDS = 600

ALERTS = (
    Alert(
        "ClaudeSessionWaiting",
        Severity.WARNING,
        Board.AGENTS,
        'time() - claude_sessions_waiting_since_timestamp_seconds{reason!="idle"} > ' + str(MAX_WAIT_SECONDS),
        "0m",
        "An agent waits for a person on {{ $labels.instance }}",
        "A session has waited for {{ $value | humanizeDuration }} ({{ $labels.reason }}). It does nothing until"
        " somebody answers.",
    ),
)
