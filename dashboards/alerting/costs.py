"""Alerts on cost: budgets, spikes, cache hits and unpriced models."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity
from dashboards.increases import recorded
from dashboards.promql import TARGET, total
from dashboards.recording import MONTH_START, PROMPT, TOKENS_1H

USED = "instance_period:claude_budget_used:ratio"
FORECAST = "instance:claude_spent_usd:forecast_month"
COST = "instance:claude_cost_usd:rate1h"
HITS = "instance:claude_cache_hits:ratio_rate1h"
MONTHLY_BUDGET = 'claude_budget_usd{period="month"}'
NEARLY_SPENT = 0.8
MIN_DAYS = 3  # of a month, before its rate is meaningful
SPIKE_FACTOR, MIN_SPIKE_USD = 2, 5
# The p95 of the hourly cost of the last week, without hours that cost nothing.
P95_COST = f"quantile_over_time(0.95, ({COST} > 0)[7d:5m] offset 1h)"
MIN_HISTORY_MINUTES = 720
COLLAPSE_FACTOR, MIN_PROMPT_TOKENS = 0.5, 500_000

ALERTS = (
    Alert(
        "ClaudeBudgetNearlySpent",
        Severity.WARNING,
        Board.COST,
        f"{USED} >= {NEARLY_SPENT} < 1",
        "0m",
        "The budget for the {{ $labels.period }} is nearly spent on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the budget for this {{ $labels.period }} is spent.",
    ),
    Alert(
        "ClaudeBudgetSpent",
        Severity.CRITICAL,
        Board.COST,
        f"{USED} >= 1",
        "0m",
        "The budget for the {{ $labels.period }} is spent on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the budget for this {{ $labels.period }} is spent. Running agents are"
        " not stopped.",
    ),
    Alert(
        "ClaudeBudgetForecastExceeded",
        Severity.WARNING,
        Board.COST,
        f"{FORECAST} > on ({TARGET}) {MONTHLY_BUDGET}\nand on ({TARGET}) time() - {MONTH_START} > {MIN_DAYS} * 86400",
        "1h",
        "The monthly budget will be exceeded on {{ $labels.instance }}",
        'At the rate of this month so far, {{ $value | printf "%.2f" }} USD will be spent by its end, more than the'
        " monthly budget.",
    ),
    Alert(
        "ClaudeCostSpike",
        Severity.WARNING,
        Board.COST,
        f"3600 * {COST} > {MIN_SPIKE_USD}\nand\n{COST} > {SPIKE_FACTOR} * {P95_COST}\n"
        f"and\ncount_over_time({COST}[7d] offset 1h) > {MIN_HISTORY_MINUTES}",
        "10m",
        "Cost spike on {{ $labels.instance }}",
        f'{{{{ $value | printf "%.2f" }}}} USD were spent in the last hour, more than {SPIKE_FACTOR} times the p95 of'
        " the hourly cost of the last week.",
    ),
    Alert(
        "ClaudeCacheHitsCollapsed",
        Severity.WARNING,
        Board.COST,
        f"{HITS} < {COLLAPSE_FACTOR} * avg_over_time({HITS}[7d] offset 1h)\nand\n"
        f"{total(TOKENS_1H + PROMPT)} > {MIN_PROMPT_TOKENS}",
        "15m",
        "The cache hit rate has collapsed on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the prompt tokens of the last hour were read from the cache, less than"
        " half of the weekly average. Uncached tokens cost up to 40 times as much, depending on the model.",
    ),
    Alert(
        "ClaudeModelUnpriced",
        Severity.WARNING,
        Board.COST,
        f"{total(recorded('claude_unpriced_tokens', '1h'), 'model')} > 0",
        "0m",
        "{{ $labels.model }} has no price on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} tokens of {{ $labels.model }} were used in the last hour; their cost is missing'
        " from all metrics.",
    ),
)
