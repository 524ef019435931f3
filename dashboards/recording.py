"""Recording rules shared by boards and alerts, named `level:metric:operations`.

All keep `job` and `instance`, so that targets stay apart; `level` names the labels that are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.promql import TARGET, increase, increase_with_first, rate, ratio, total

CALLS = "claude_tool_calls_total"
ERRORS = 'claude_tool_calls_total{outcome="error"}'
PROMPT_TOKENS = 'claude_tokens_total{kind!="output"}'
CACHED_TOKENS = 'claude_tokens_total{kind="cache_read"}'
SPENT_THIS_MONTH = 'claude_spent_usd{period="month"}'
TASKS_FINISHED = "instance_status:claude_tasks_finished:increase1h"
# How far back the rate of use of each quota window is measured.
QUOTA_RATE_WINDOWS = {"five_hour": "30m", "seven_day": "6h"}
# The counters of a replaced ledger fell, which `rate` would take for a restart from 0.
LEDGER_CREATED = "hookmeter_ledger_created_timestamp_seconds"
# At least an hour of the month counts as elapsed: the spending of its first minutes gives no useful rate.
MONTH_START = 'claude_spent_since_timestamp_seconds{period="month"}'
MONTH_END = 'claude_spent_until_timestamp_seconds{period="month"}'
MONTH_ELAPSED = f"clamp_min(time() - {MONTH_START}, 3600) / ({MONTH_END} - {MONTH_START})"


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that Prometheus computes from others once a minute."""

    record: str
    expr: str


def _unless_ledger_replaced(expr: str, window: str) -> str:
    return f"{expr}\nunless on ({TARGET}) {LEDGER_CREATED} > min_over_time({LEDGER_CREATED}[{window}])"


def _error_ratio(window: str) -> Recording:
    expr = _unless_ledger_replaced(ratio(rate(ERRORS, window), rate(CALLS, window)), window)
    return Recording(f"instance:claude_tool_errors:ratio_rate{window}", expr)


def _quota_forecast(window: str, rate_window: str) -> str:
    selector = f'{{window="{window}"}}'
    used, resets = f"claude_rate_limit_used_ratio{selector}", f"claude_rate_limit_resets_timestamp_seconds{selector}"
    return f"{used} + deriv({used}[{rate_window}]) * clamp_min({resets} - time(), 0)"


TOOLS = (
    *map(_error_ratio, ("5m", "30m", "1h", "6h")),
    Recording(
        "instance_tool:claude_tool_calls:increase1h", _unless_ledger_replaced(increase(CALLS, "1h", "tool"), "1h")
    ),
    Recording(
        "instance_tool:claude_tool_errors:ratio_rate1h",
        _unless_ledger_replaced(ratio(rate(ERRORS, "1h", "tool"), rate(CALLS, "1h", "tool")), "1h"),
    ),
    Recording(
        # `>= 0` drops the NaN of an hour without calls, which would make every average over it NaN.
        "instance_tool:claude_tool_call_duration_seconds:p95_1h",
        _unless_ledger_replaced(
            f"histogram_quantile(0.95, {rate('claude_tool_call_duration_seconds_bucket', '1h', 'tool', 'le')}) >= 0",
            "1h",
        ),
    ),
)
COSTS = (
    Recording("instance:claude_cost_usd:rate1h", _unless_ledger_replaced(rate("claude_cost_usd_total", "1h"), "1h")),
    Recording("instance:claude_prompt_tokens:increase1h", _unless_ledger_replaced(increase(PROMPT_TOKENS, "1h"), "1h")),
    Recording(
        "instance:claude_cache_hits:ratio_rate1h",
        _unless_ledger_replaced(ratio(rate(CACHED_TOKENS, "1h"), rate(PROMPT_TOKENS, "1h")), "1h"),
    ),
    Recording("instance_period:claude_budget_used:ratio", "claude_spent_usd / claude_budget_usd"),
    Recording("instance:claude_spent_usd:forecast_month", total(f"{SPENT_THIS_MONTH} / ({MONTH_ELAPSED})")),
)
QUOTAS = (
    Recording(
        "instance_window:claude_rate_limit_used:forecast",
        "\nor\n".join(_quota_forecast(window, rate_window) for window, rate_window in QUOTA_RATE_WINDOWS.items()),
    ),
)
TASKS = (
    Recording(TASKS_FINISHED, increase_with_first("claude_tasks_finished_total", "1h", "status")),
    Recording(
        "instance:claude_tasks_failed:ratio1h",
        ratio(total(f'{TASKS_FINISHED}{{status="failed"}}'), total(f'{TASKS_FINISHED}{{status=~"completed|failed"}}')),
    ),
)
API = (
    Recording("instance:claude_api_errors:increase30m", increase_with_first("claude_api_errors_total", "30m")),
    Recording("instance:claude_api_requests:increase30m", increase_with_first("claude_api_requests_total", "30m")),
)
RECORDINGS: dict[str, tuple[Recording, ...]] = {
    "tools": TOOLS,
    "costs": COSTS,
    "quotas": QUOTAS,
    "tasks": TASKS,
    "api": API,
}
