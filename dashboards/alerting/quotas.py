"""Alerts on the quota of a subscription."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity

USED = "claude_rate_limit_used_ratio"
FORECAST = "instance_window:claude_rate_limit_used:forecast"
NEARLY_USED, MIN_USED = 0.9, 0.5

ALERTS = (
    Alert(
        "ClaudeQuotaNearlyUsed",
        Severity.WARNING,
        Board.QUOTA,
        f"{USED} >= {NEARLY_USED}",
        "0m",
        "The {{ $labels.window }} quota is nearly used up on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the {{ $labels.window }} window is used.",
    ),
    Alert(
        "ClaudeQuotaRunsOut",
        Severity.WARNING,
        Board.QUOTA,
        f"{FORECAST} > 1\nand\n{USED} > {MIN_USED} < 1",
        "10m",
        "The {{ $labels.window }} quota will run out on {{ $labels.instance }}",
        "At the current rate, {{ $value | humanizePercentage }} of the {{ $labels.window }} window would be used by its"
        " reset: it will run out before then.",
    ),
)
