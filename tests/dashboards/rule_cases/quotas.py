from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, Case, Fired, exporter

USED = exporter("claude_rate_limit_used_ratio", window="five_hour")
RESETS = exporter("claude_rate_limit_resets_timestamp_seconds", window="five_hour")
FIVE_HOURS = EXPORTER | {"window": "five_hour"}

CASES = (
    Case(
        "ClaudeQuotaNearlyUsed", "93% are used", {USED: "0.93x5"}, "3m",
        (Fired(
            "The five_hour quota is nearly used up on web", "93% of the five_hour window is used.", FIVE_HOURS,
        ),),
    ),
    Case("ClaudeQuotaNearlyUsed", "80% are used", {USED: "0.8x5"}, "3m"),
    Case(
        "ClaudeQuotaRunsOut", "it runs out before its reset", {USED: "0.5+0.005x60", RESETS: "10800x60"}, "30m",
        (Fired(
            "The five_hour quota will run out on web",
            "At the current rate, 140% of the five_hour window would be used by its reset: it will run out before"
            " then.",
            FIVE_HOURS,
        ),),
    ),
    Case("ClaudeQuotaRunsOut", "its reset comes first", {USED: "0.5+0.005x60", RESETS: "2700x60"}, "30m"),
    Case("ClaudeQuotaRunsOut", "the window has just started", {USED: "0.01+0.005x60", RESETS: "18000x60"}, "30m"),
    Case("ClaudeQuotaRunsOut", "no quota is reported", {}, "30m"),
)  # fmt: skip
