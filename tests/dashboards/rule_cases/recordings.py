"""Cases of the recording rules."""

from __future__ import annotations

from tests.dashboards.rule_cases import api, costs, tasks, tools
from tests.dashboards.rule_cases.case import EXPORTER, SERVER, Recorded, exporter, labelled

CALLS = {tools.ERRORS: "0+1x400", tools.SUCCESSES: "0+4x400", tools.READS: "0+5x400"}
TOKENS = {costs.CACHED: "0+300x100", costs.INPUT: "0+100x100"}
FINISHED = {tasks.UP: "1x130", tasks.COMPLETED: "10x65 13x65", tasks.FAILED: "_x65 1x65"}
API = {api.UP: "1x90", api.OVERLOADED: "0+1x90", api.ABANDONED: "_x60 1x30", api.ANSWERED: "0+2x90"}
TASKS_FINISHED = "instance_status:claude_tasks_finished:increase1h"
CALLS_1H, RATIO_1H, P95_1H = (
    "instance_tool:claude_tool_calls:increase1h",
    "instance_tool:claude_tool_errors:ratio_rate1h",
    "instance_tool:claude_tool_call_duration_seconds:p95_1h",
)
FORECAST = "instance_window:claude_rate_limit_used:forecast"
QUOTA = {
    exporter("claude_rate_limit_used_ratio", window=window): "0.2+0.001x400" for window in ("five_hour", "seven_day")
} | {
    exporter("claude_rate_limit_resets_timestamp_seconds", window=window): f"{seconds}x400"
    for window, seconds in (("five_hour", 36000), ("seven_day", 84000))
}


def of_exporter(value: float, **labels: str) -> dict[str, float]:
    return {labelled(**EXPORTER, **labels): value}


def of_calls(window: str) -> Recorded:
    record = f"instance:claude_tool_errors:ratio_rate{window}"
    return Recorded(record, CALLS, "390m", of_exporter(0.1))


CASES = (
    *map(of_calls, ("5m", "30m", "1h", "6h")),
    Recorded(
        CALLS_1H, CALLS, "100m", of_exporter(300, tool="Bash") | of_exporter(300, tool="Read")
    ),
    Recorded(RATIO_1H, CALLS, "100m", of_exporter(0.2, tool="Bash")),
    Recorded(P95_1H, tools.durations("0x100", "0+1x100"), "90m", of_exporter(57.25, tool="Bash")),
    Recorded(P95_1H, tools.durations("5x100", "9x100"), "90m", {}),
    Recorded(
        "instance:claude_cost_usd:rate1h", {costs.COST: "0+6x100"}, "90m",
        of_exporter(0.1),
    ),
    Recorded(
        "instance:claude_prompt_tokens:increase1h", TOKENS, "90m",
        of_exporter(24000),
    ),
    Recorded(
        "instance:claude_cache_hits:ratio_rate1h", TOKENS, "90m",
        of_exporter(0.75),
    ),
    Recorded(
        "instance_period:claude_budget_used:ratio",
        {costs.SPENT: "30x5", costs.BUDGET: "120x5", costs.SPENT_TODAY: "7x5"}, "3m",
        of_exporter(0.25, period="month"),
    ),
    Recorded(
        "instance:claude_spent_usd:forecast_month", {costs.SPENT: "0+1x250", **costs.JANUARY}, "240h",
        of_exporter(744), "1h",
    ),
    # At minute 400 the use is 0.6 and grows by 0.001 per minute; the windows reset in 200 and in 1000 minutes.
    Recorded(
        FORECAST, QUOTA, "400m",
        of_exporter(0.8, window="five_hour") | of_exporter(1.6, window="seven_day"),
    ),
    Recorded(
        TASKS_FINISHED, FINISHED, "100m",
        {
            labelled(**SERVER, status="completed"): 3,
            labelled(**SERVER, status="failed"): 1,
        },
    ),
    Recorded(
        "instance:claude_tasks_failed:ratio1h", FINISHED, "100m",
        {labelled(**SERVER): 0.25},
    ),
    Recorded(
        "instance:claude_api_errors:increase30m", API, "80m",
        of_exporter(31),
    ),
    Recorded(
        "instance:claude_api_requests:increase30m", API, "80m",
        of_exporter(60),
    ),
)  # fmt: skip
