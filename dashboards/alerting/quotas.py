"""Alerts on what a subscription allows."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity

USED = "claude_rate_limit_used_ratio"
FORECAST = "instance_window:claude_rate_limit_used:forecast"
NEARLY, ENOUGH_TO_TELL = 0.9, 0.5

ALERTS = (
    Alert(
        "ClaudeQuotaNearlyUsed",
        Severity.WARNING,
        Board.QUOTA,
        f"{USED} >= {NEARLY}",
        "0m",
        "The {{ $labels.window }} quota is nearly used on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the {{ $labels.window }} window is used.",
    ),
    Alert(
        "ClaudeQuotaRunsOut",
        Severity.WARNING,
        Board.QUOTA,
        f"{FORECAST} > 1\nand\n{USED} > {ENOUGH_TO_TELL} < 1",
        "10m",
        "The {{ $labels.window }} quota will run out on {{ $labels.instance }}",
        "At this pace {{ $value | humanizePercentage }} of the {{ $labels.window }} window would be used by the time it"
        " begins anew: it will run out before.",
    ),
)
