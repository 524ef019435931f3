"""Recording rules: what boards and alerts share, each with a name `level:metric:operations`.

All keep `job` and `instance`, so that several meters in one Prometheus stay apart; `level` says what else is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.promql import BY, growth, increase, rate, share, total

CALLS = "claude_tool_calls_total"
ERRORS = 'claude_tool_calls_total{outcome="error"}'
PROMPT_TOKENS = 'claude_tokens_total{kind!="output"}'
CACHED_TOKENS = 'claude_tokens_total{kind="cache_read"}'
SPENT_THIS_MONTH = 'claude_spent_usd{period="month"}'
TASKS_ENDED = "instance_status:claude_tasks_finished:increase1h"
# How long back the pace of a quota's window is taken from.
PACES = {"five_hour": "30m", "seven_day": "6h"}
# A ledger that was replaced has counters that fell, which a rate takes for a restart from nothing.
CREATED = "hookmeter_ledger_created_timestamp_seconds"
# How much of the month has passed, at least an hour: what is spent in its first minutes tells of no pace.
MONTH_BEGAN = 'claude_spent_since_timestamp_seconds{period="month"}'
MONTH_ENDS = 'claude_spent_until_timestamp_seconds{period="month"}'
MONTH_PASSED = f"clamp_min(time() - {MONTH_BEGAN}, 3600) / ({MONTH_ENDS} - {MONTH_BEGAN})"


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed once a minute, from others."""

    record: str
    expr: str


def _of_one_ledger(expr: str, window: str) -> str:
    return f"{expr}\nunless on ({BY}) {CREATED} > min_over_time({CREATED}[{window}])"


def _error_ratio(window: str) -> Recording:
    expr = _of_one_ledger(share(rate(ERRORS, window), rate(CALLS, window)), window)
    return Recording(f"instance:claude_tool_errors:ratio_rate{window}", expr)


def _quota_forecast(window: str, pace: str) -> str:
    series = f'{{window="{window}"}}'
    used, resets = f"claude_rate_limit_used_ratio{series}", f"claude_rate_limit_resets_timestamp_seconds{series}"
    return f"{used} + deriv({used}[{pace}]) * clamp_min({resets} - time(), 0)"


TOOLS = (
    *map(_error_ratio, ("5m", "30m", "1h", "6h")),
    Recording("instance_tool:claude_tool_calls:increase1h", _of_one_ledger(increase(CALLS, "1h", "tool"), "1h")),
    Recording(
        "instance_tool:claude_tool_errors:ratio_rate1h",
        _of_one_ledger(share(rate(ERRORS, "1h", "tool"), rate(CALLS, "1h", "tool")), "1h"),
    ),
    Recording(
        # An hour without calls has no percentile: it would be NaN, and with it every average that it is in.
        "instance_tool:claude_tool_call_duration_seconds:p95_1h",
        _of_one_ledger(
            f"histogram_quantile(0.95, {rate('claude_tool_call_duration_seconds_bucket', '1h', 'tool', 'le')}) >= 0",
            "1h",
        ),
    ),
)
COSTS = (
    Recording("instance:claude_cost_usd:rate1h", _of_one_ledger(rate("claude_cost_usd_total", "1h"), "1h")),
    Recording("instance:claude_prompt_tokens:increase1h", _of_one_ledger(increase(PROMPT_TOKENS, "1h"), "1h")),
    Recording(
        "instance:claude_cache_hits:ratio_rate1h",
        _of_one_ledger(share(rate(CACHED_TOKENS, "1h"), rate(PROMPT_TOKENS, "1h")), "1h"),
    ),
    Recording("instance_period:claude_budget_used:ratio", "claude_spent_usd / claude_budget_usd"),
    Recording("instance:claude_spent_usd:forecast_month", total(f"{SPENT_THIS_MONTH} / ({MONTH_PASSED})")),
)
QUOTAS = (
    Recording(
        "instance_window:claude_rate_limit_used:forecast",
        "\nor\n".join(_quota_forecast(window, pace) for window, pace in PACES.items()),
    ),
)
TASKS = (
    Recording(TASKS_ENDED, growth("claude_tasks_finished_total", "1h", "status")),
    Recording(
        "instance:claude_tasks_failed:ratio1h",
        share(total(f'{TASKS_ENDED}{{status="failed"}}'), total(f'{TASKS_ENDED}{{status=~"completed|failed"}}')),
    ),
)
RECORDINGS: dict[str, tuple[Recording, ...]] = {"tools": TOOLS, "costs": COSTS, "quotas": QUOTAS, "tasks": TASKS}
