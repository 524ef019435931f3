"""Cases of the recording rules."""

from __future__ import annotations

from dashboards.increases import OF_EXPORTER, OF_PROCESSES, OF_TASKS, recorded
from tests.dashboards.rule_cases import api, costs, increases, tasks, tools
from tests.dashboards.rule_cases.case import (
    EXPORTER,
    PAGE,
    SERVER,
    TASKS_PAGE,
    Recorded,
    exporter,
    labelled,
    server,
)

PAGES, TASKS_PAGES = {PAGE: "0x400"}, {TASKS_PAGE: "0x400"}
CALLS = {tools.ERRORS: "0+1x400", tools.SUCCESSES: "0+4x400", tools.READS: "0+5x400"}
# Of a tool whose first calls were half an hour ago, of which 16 failed.
NEW_CALLS = {**PAGES, tools.ERRORS: "_x61 16x40", tools.SUCCESSES: "0x60 240x40"}
TOKENS = {costs.CACHED: "0+300x100", costs.INPUT: "0+100x100"}
FINISHED = {TASKS_PAGE: "0x130", tasks.COMPLETED: "10x65 13x65", tasks.FAILED: "_x65 1x65"}
API = {PAGE: "0x90", api.OVERLOADED: "0+1x90", api.ABANDONED: "_x60 1x30", api.ANSWERED: "0+2x90"}
P95_1H = "instance_tool:claude_tool_call_duration_seconds:p95_1h"
FORECAST = "instance_window:claude_rate_limit_used:forecast"
QUOTA = {
    exporter("claude_rate_limit_used_ratio", window=window): "0.2+0.001x400" for window in ("five_hour", "seven_day")
} | {
    exporter("claude_rate_limit_resets_timestamp_seconds", window=window): f"{seconds}x400"
    for window, seconds in (("five_hour", 36000), ("seven_day", 84000))
}
USED, RESETS = (
    exporter(f"claude_rate_limit_{name}", window="five_hour") for name in ("used_ratio", "resets_timestamp_seconds")
)
# The window resets after 90 minutes, and the next one begins at once.
AFTER_RESET = {USED: "0.8x89 0+0.003x10", RESETS: "5400x89 23400x10"}
CORRECTED = {USED: "0.5x89 0.4x20", RESETS: "18000x120"}


def of_exporter(value: float, **labels: str) -> dict[str, float]:
    return {labelled(**EXPORTER, **labels): value}


def of_server(value: float, **labels: str) -> dict[str, float]:
    return {labelled(**SERVER, **labels): value}


def of_calls(window: str) -> Recorded:
    return Recorded(f"instance:claude_tool_errors:ratio_rate{window}", CALLS, "390m", of_exporter(0.1))


def of_counter(counter: str, window: str) -> Recorded:
    """An old series, which increases by 6 in an hour, and, if the counter has labels, one that is new in the window."""
    names = OF_EXPORTER.get(counter) or OF_TASKS.get(counter, "")
    old = dict.fromkeys(filter(None, names.split(", ")), "old")
    new = old | dict.fromkeys(list(old)[:1], "new")
    series, page, target = (exporter, PAGE, EXPORTER) if counter in OF_EXPORTER else (server, TASKS_PAGE, SERVER)
    values = {series(f"{counter}_total", **new): "_x155 5x40"} if old else {}
    expected = {labelled(**target, **new): 5} if old else {}
    return Recorded(
        recorded(counter, window),
        {page: "0x200", series(f"{counter}_total", **old): "7+1x200", **values},
        "26h10m",
        {labelled(**target, **old): 6 * {"1h": 1, "1d": 24}[window], **expected},
        every="10m",
    )


def of_process(counter: str, window: str) -> Recorded:
    """A counter that had 4 before the window and reaches 9 in it, before its process restarts and it reaches 2."""
    labels = dict.fromkeys(filter(None, [OF_PROCESSES[counter]]), "any")
    values = {server(f"{counter}_total", **labels): "4x152 9x2 0 2x40"}
    return Recorded(recorded(counter, window), values, "26h10m", {labelled(**SERVER, **labels): 7}, every="10m")


def of_buckets(record: str, histogram: str, bound: str, value: float, **labels: str) -> Recorded:
    """Observations of up to a bound, all of which are new: they are between 0 and that bound."""
    series, pages, target = (
        (server, TASKS_PAGE, SERVER) if histogram.startswith("claude_task_") else (exporter, PAGE, EXPORTER)
    )
    buckets = {series(f"{histogram}_bucket", le=le, **labels): "_x70 20x30" for le in (bound, "+Inf")}
    return Recorded(record, {pages: "0x100", **buckets}, "90m", {labelled(**target, **labels): value})


CASES = (
    *increases.CASES,
    *(of_counter(counter, window) for counter in (*OF_EXPORTER, *OF_TASKS) for window in ("1h", "1d")),
    *(of_process(counter, window) for counter in OF_PROCESSES for window in ("1h", "1d")),
    *(
        Recorded(
            recorded("claude_tool_calls", window), {**PAGES, tools.ERRORS: f"_x{390 - minutes // 2} 3x400"}, "390m",
            of_exporter(3, tool="Bash", agent="main", outcome="error"),
        )
        for window, minutes in (("5m", 5), ("30m", 30), ("6h", 360))
    ),
    *map(of_calls, ("5m", "30m", "1h", "6h")),
    Recorded("instance:claude_tool_errors:ratio_rate1h", NEW_CALLS, "90m", of_exporter(0.0625), when="first failures"),
    Recorded("instance:claude_tool_errors:ratio_rate1h", {tools.READS: "0+5x90"}, "80m", of_exporter(0), when="none"),
    Recorded("instance_tool:claude_tool_errors:ratio_rate1h", CALLS, "100m",
        of_exporter(0.2, tool="Bash") | of_exporter(0, tool="Read"),
    ),
    Recorded(P95_1H, tools.durations("0x100", "0+1x100"), "90m", of_exporter(57.25, tool="Bash")),
    Recorded(P95_1H, tools.durations("5x100", "9x100"), "90m", {}, when="no calls"),
    Recorded(
        P95_1H, {**PAGES, **tools.durations("_x70 20x30", "_x70 20x30")}, "90m", of_exporter(0.95, tool="Bash"),
        when="a tool is new",
    ),
    of_buckets("instance:claude_session_duration_seconds:p50_1d", "claude_session_duration_seconds", "60.0", 30),
    of_buckets(
        "instance_agent:claude_subagent_duration_seconds:p95_1d", "claude_subagent_duration_seconds", "60.0", 57,
        agent="Explore",
    ),
    of_buckets("instance:claude_context_tokens:p95_1h", "claude_context_tokens", "1000.0", 950),
    of_buckets(
        "instance_status:claude_task_duration_seconds:p95_1h", "claude_task_duration_seconds", "60.0", 57,
        status="failed",
    ),
    of_buckets("instance:claude_task_wait_seconds:p95_1h", "claude_task_wait_seconds", "10.0", 9.5),
    Recorded("instance:claude_cost_usd:rate1h", {costs.COST: "0+6x100"}, "90m", of_exporter(0.1)),
    Recorded(
        "instance:claude_cost_usd:rate1h", {**PAGES, costs.COST: "_x80 2x40"}, "90m", of_exporter(2 / 3600),
        when="a project is new",
    ),
    Recorded("instance:claude_cost_usd:rate1h", {costs.COST: "5x100"}, "90m", of_exporter(0), when="nothing is spent"),
    Recorded("instance:claude_cache_hits:ratio_rate1h", TOKENS, "90m", of_exporter(0.75)),
    Recorded(
        "instance:claude_cache_hits:ratio_rate1h", {costs.CACHED: "9x100", costs.INPUT: "0+1x100"}, "90m",
        of_exporter(0), when="the cache is not read",
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
    # In the last half hour 0.03 was used of the new window, that is 0.001 per minute, and 290 minutes are left.
    Recorded(FORECAST, AFTER_RESET, "100m", of_exporter(0.32, window="five_hour"), when="just after a reset"),
    Recorded(FORECAST, CORRECTED, "100m", of_exporter(0.4, window="five_hour"), when="a report is corrected"),
    Recorded("instance:claude_tasks_failed:ratio1h", FINISHED, "100m", of_server(0.25)),
    Recorded("instance:claude_api_errors:increase30m", API, "80m", of_exporter(31)),
    Recorded("instance:claude_api_requests:increase30m", API, "80m", of_exporter(60)),
)  # fmt: skip
