"""Alerts on money: budgets, spikes, the cache, prices that nobody knows."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity
from dashboards.promql import BY, growth
from dashboards.recording import MONTH_BEGAN

USED = "instance_period:claude_budget_used:ratio"
FORECAST = "instance:claude_spent_usd:forecast_month"
COST = "instance:claude_cost_usd:rate1h"
HITS = "instance:claude_cache_hits:ratio_rate1h"
PROMPT_TOKENS = "instance:claude_prompt_tokens:increase1h"
MONTHS_BUDGET = 'claude_budget_usd{period="month"}'
NEARLY = 0.8
FIRST_DAYS = 3  # of a month, whose pace says nothing yet
SPIKE, SPIKE_USD = 2, 5
# The 95th percentile of the hours of a week in which money was spent, and how many minutes of it are to be known.
DEAR_HOURS = f"quantile_over_time(0.95, ({COST} > 0)[7d:5m] offset 1h)"
KNOWN_MINUTES = 720
COLLAPSED, MANY_TOKENS = 0.5, 500_000

ALERTS = (
    Alert(
        "ClaudeBudgetNearlySpent",
        Severity.WARNING,
        Board.COST,
        f"{USED} >= {NEARLY} < 1",
        "0m",
        "The budget of the {{ $labels.period }} is nearly spent on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the budget of this {{ $labels.period }} is gone.",
    ),
    Alert(
        "ClaudeBudgetSpent",
        Severity.CRITICAL,
        Board.COST,
        f"{USED} >= 1",
        "0m",
        "The budget of the {{ $labels.period }} is spent on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the budget of this {{ $labels.period }} is gone. Agents go on: a budget"
        " stops nobody.",
    ),
    Alert(
        "ClaudeBudgetForecastExceeded",
        Severity.WARNING,
        Board.COST,
        f"{FORECAST} > on ({BY}) {MONTHS_BUDGET}\nand on ({BY}) time() - {MONTH_BEGAN} > {FIRST_DAYS} * 86400",
        "1h",
        "The budget of the month will not last on {{ $labels.instance }}",
        'At its pace so far, {{ $value | printf "%.2f" }} USD will be spent by the end of the month, more than its'
        " budget.",
    ),
    Alert(
        "ClaudeCostSpike",
        Severity.WARNING,
        Board.COST,
        f"3600 * {COST} > {SPIKE_USD}\nand\n{COST} > {SPIKE} * {DEAR_HOURS}\n"
        f"and\ncount_over_time({COST}[7d] offset 1h) > {KNOWN_MINUTES}",
        "10m",
        "Spending has shot up on {{ $labels.instance }}",
        f'{{{{ $value | printf "%.2f" }}}} USD were spent in the last hour, more than {SPIKE} times what the dear'
        " hours of the last week cost.",
    ),
    Alert(
        "ClaudeCacheHitsCollapsed",
        Severity.WARNING,
        Board.COST,
        f"{HITS} < {COLLAPSED} * avg_over_time({HITS}[7d] offset 1h)\nand\n{PROMPT_TOKENS} > {MANY_TOKENS}",
        "15m",
        "Prompts no longer come from the cache on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the prompt tokens of the last hour came from the cache, less than half of"
        " what is usual in a week. Each token that does not costs ten times as much.",
    ),
    Alert(
        "ClaudeModelUnpriced",
        Severity.WARNING,
        Board.COST,
        f"({growth('claude_unpriced_tokens_total', '1h', 'model')}) > 0",
        "0m",
        "{{ $labels.model }} has no price on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} tokens of {{ $labels.model }} were used in the last hour, and what they cost is'
        " in no figure.",
    ),
)
