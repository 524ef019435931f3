from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, Case, Fired, exporter

USED = exporter("claude_rate_limit_used_ratio", window="five_hour")
RESETS = exporter("claude_rate_limit_resets_timestamp_seconds", window="five_hour")
FIVE_HOURS = EXPORTER | {"window": "five_hour"}

CASES = (
    Case(
        "ClaudeQuotaNearlyUsed", "93 % are used", {USED: "0.93x5"}, "3m",
        (Fired(
            "The five_hour quota is nearly used on web", "93% of the five_hour window is used.", FIVE_HOURS,
        ),),
    ),
    Case("ClaudeQuotaNearlyUsed", "80 % are used", {USED: "0.8x5"}, "3m"),
    Case(
        "ClaudeQuotaRunsOut", "it will not last until its reset", {USED: "0.5+0.005x60", RESETS: "10800x60"}, "30m",
        (Fired(
            "The five_hour quota will run out on web",
            "At this pace 140% of the five_hour window would be used by the time it begins anew: it will run out"
            " before.",
            FIVE_HOURS,
        ),),
    ),
    Case("ClaudeQuotaRunsOut", "it begins anew in time", {USED: "0.5+0.005x60", RESETS: "2700x60"}, "30m"),
    Case("ClaudeQuotaRunsOut", "it has hardly begun", {USED: "0.01+0.005x60", RESETS: "18000x60"}, "30m"),
    Case("ClaudeQuotaRunsOut", "nobody knows", {}, "30m"),
)  # fmt: skip
