"""Recording rules shared by boards and alerts, named `level:metric:operations`.

All keep `job` and `instance`, so that targets stay apart. `level` names the labels that are kept, or is `series` where
all labels of the metric are.
"""

from __future__ import annotations

from dashboards.increases import DAY, EXPORTER_PAGE, HOUR, OF_EXPORTER, TASKS_PAGE, increase, increases, recorded
from dashboards.promql import Recording, ratio, total
from dashboards.quotas import QUOTA_WINDOWS, RESETS, USED, QuotaWindow, of_window, use_per_second

CALLS, CALLS_1H, COST_1H, FINISHED_1H, TOKENS_1H = (
    "claude_tool_calls",
    recorded("claude_tool_calls", "1h"),
    recorded("claude_cost_usd", "1h"),
    recorded("claude_tasks_finished", "1h"),
    recorded("claude_tokens", "1h"),
)
FAILED, CACHED, PROMPT = '{outcome="error"}', '{kind="cache_read"}', '{kind!="output"}'
SPENT_THIS_MONTH = 'claude_spent_usd{period="month"}'
LEDGER_CREATED = "hookmeter_ledger_created_timestamp_seconds"
# At least an hour of the month counts as elapsed: the spending of its first minutes gives no useful rate.
MONTH_START = 'claude_spent_since_timestamp_seconds{period="month"}'
MONTH_END = 'claude_spent_until_timestamp_seconds{period="month"}'
MONTH_ELAPSED = f"clamp_min(time() - {MONTH_START}, 3600) / ({MONTH_END} - {MONTH_START})"


def _error_ratio(window: str) -> Recording:
    calls = recorded(CALLS, window)
    return Recording(f"instance:claude_tool_errors:ratio_rate{window}", ratio(total(f"{calls}{FAILED}"), total(calls)))


def _quantile(
    level: str, histogram: str, window: str, *labels: str, rank: float = 0.95, marker: str = EXPORTER_PAGE
) -> Recording:
    """A quantile of the observations in a window; no series where there are none, or averages over it would be NaN."""
    buckets = increase(f"{histogram}_bucket", window, ", ".join((*labels, "le")), marker)
    return Recording(
        f"{level}:{histogram}:p{100 * rank:.0f}_{window}",
        f"histogram_quantile({rank}, {total(buckets, *labels, 'le')}) >= 0",
    )


def _quota_forecast(window: QuotaWindow) -> str:
    used, resets = (of_window(metric, window) for metric in (USED, RESETS))
    return f"{used} + {use_per_second(window)} * clamp_min({resets} - time(), 0)"


TOOLS = (
    *(rule for window in ("5m", "30m", "6h") for rule in increases(window, {CALLS: OF_EXPORTER[CALLS]})),
    *map(_error_ratio, ("5m", "30m", "1h", "6h")),
    Recording(
        "instance_tool:claude_tool_errors:ratio_rate1h",
        ratio(total(f"{CALLS_1H}{FAILED}", "tool"), total(CALLS_1H, "tool")),
    ),
    _quantile("instance_tool", "claude_tool_call_duration_seconds", "1h", "tool"),
)
AGENTS_OF_A_DAY = (
    _quantile("instance", "claude_session_duration_seconds", "1d", rank=0.5),
    _quantile("instance_agent", "claude_subagent_duration_seconds", "1d", "agent"),
)
COSTS = (
    # 0 in hours that cost nothing, too: the alert on spikes counts the hours of which it has a figure.
    Recording("instance:claude_cost_usd:rate1h", f"({total(COST_1H)} or 0 * {total('claude_cost_usd_total')}) / 3600"),
    Recording(
        "instance:claude_cache_hits:ratio_rate1h", ratio(total(f"{TOKENS_1H}{CACHED}"), total(f"{TOKENS_1H}{PROMPT}"))
    ),
    _quantile("instance", "claude_context_tokens", "1h"),
    Recording("instance_period:claude_budget_used:ratio", "claude_spent_usd / claude_budget_usd"),
    Recording("instance:claude_spent_usd:forecast_month", total(f"{SPENT_THIS_MONTH} / ({MONTH_ELAPSED})")),
)
QUOTAS = (
    Recording(
        "instance_window:claude_rate_limit_used:forecast",
        "\nor\n".join(map(_quota_forecast, QUOTA_WINDOWS)),
    ),
)
TASKS = (
    Recording(
        "instance:claude_tasks_failed:ratio1h",
        ratio(total(f'{FINISHED_1H}{{status="failed"}}'), total(f'{FINISHED_1H}{{status=~"completed|failed"}}')),
    ),
    _quantile("instance_status", "claude_task_duration_seconds", "1h", "status", marker=TASKS_PAGE),
    _quantile("instance", "claude_task_wait_seconds", "1h", marker=TASKS_PAGE),
)
API = (
    Recording(
        "instance:claude_api_errors:increase30m",
        total(increase("claude_api_errors_total", "30m", OF_EXPORTER["claude_api_errors"])),
    ),
    Recording(
        "instance:claude_api_requests:increase30m",
        total(increase("claude_api_requests_total", "30m", OF_EXPORTER["claude_api_requests"])),
    ),
)
RECORDINGS: dict[str, tuple[Recording, ...]] = {
    "hour": HOUR,
    "day": (*DAY, *AGENTS_OF_A_DAY),
    "tools": TOOLS,
    "costs": COSTS,
    "quotas": QUOTAS,
    "tasks": TASKS,
    "api": API,
}
