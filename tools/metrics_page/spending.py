"""What the page says of the metrics of tokens, costs, budgets and quotas."""

from __future__ import annotations

from exporter.counting.spending import TOKEN_KINDS
from exporter.sources.quotas import WINDOWS
from tools.metrics_page.labels import AGENT, MODEL, PROJECT
from tools.metrics_page.records import Example, LabelText, MetricText, Section

PERIOD = LabelText("the calendar day, or the calendar month", ("day", "month"))
WINDOW = LabelText("five hours, or seven days", WINDOWS)

REQUESTS = (
    MetricText(
        "claude_tokens_total",
        "tokens",
        Example(
            "how much of the prompts comes from the cache",
            'sum(rate(claude_tokens_total{kind="cache_read"}[1h]))'
            ' / sum(rate(claude_tokens_total{kind!="output"}[1h]))',
        ),
        more="Each message counts once; `input` is what was neither read from the cache nor written to it.",
        labels={"model": MODEL, "kind": LabelText("of what kind", TOKEN_KINDS), "agent": AGENT, "project": PROJECT},
    ),
    MetricText(
        "claude_cost_usd_total",
        "US dollars",
        Example("dollars an hour, by project", "3600 * sum by (project) (rate(claude_cost_usd_total[15m]))"),
        more="[How it is known](costs.md).",
        labels={"model": MODEL, "agent": AGENT, "project": PROJECT},
    ),
    MetricText(
        "claude_api_requests_total",
        "messages",
        Example(
            "dollars for an answer, by model",
            "sum by (model) (rate(claude_cost_usd_total[1h])) / sum by (model) (rate(claude_api_requests_total[1h]))",
        ),
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_unpriced_tokens_total",
        "tokens",
        Example(
            "models that want a price of your own", "sum by (model) (increase(claude_unpriced_tokens_total[1d])) > 0"
        ),
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_cache_savings_usd_total",
        "US dollars",
        Example(
            "what the cache was worth in the last day",
            "sum(increase(claude_cache_savings_usd_total[1d])) - sum(increase(claude_cache_premium_usd_total[1d]))",
        ),
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_cache_premium_usd_total",
        "US dollars",
        Example(
            "dollars an hour for writing to the cache, by model",
            "3600 * sum by (model) (rate(claude_cache_premium_usd_total[1h]))",
        ),
        more="Savings less premium is what the cache is worth.",
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_web_searches_total",
        "searches",
        Example("web searches in the last day", "sum(increase(claude_web_searches_total[1d]))"),
    ),
    MetricText(
        "claude_context_tokens",
        "tokens",
        Example(
            "the 95th percentile of how large prompts are",
            "histogram_quantile(0.95, sum by (le) (rate(claude_context_tokens_bucket[1h])))",
        ),
        more="Its buckets go from 1,000 to 1,000,000.",
    ),
)
BUDGETS = (
    MetricText(
        "claude_spent_usd",
        "US dollars",
        Example(
            "how much of today's budget is gone", 'claude_spent_usd{period="day"} / claude_budget_usd{period="day"}'
        ),
        labels={"period": PERIOD},
    ),
    MetricText(
        "claude_budget_usd",
        "US dollars",
        Example(
            "dollars that are left of this month's budget",
            'claude_budget_usd{period="month"} - claude_spent_usd{period="month"}',
        ),
        labels={"period": PERIOD},
    ),
    MetricText(
        "claude_spent_since_timestamp_seconds",
        "seconds",
        Example(
            "what the month will have cost if it goes on as up to now",
            "claude_spent_usd * (claude_spent_until_timestamp_seconds - claude_spent_since_timestamp_seconds)"
            " / (time() - claude_spent_since_timestamp_seconds)",
        ),
        labels={"period": PERIOD},
    ),
    MetricText(
        "claude_spent_until_timestamp_seconds",
        "seconds",
        Example(
            "in how many hours a new day begins", '(claude_spent_until_timestamp_seconds{period="day"} - time()) / 3600'
        ),
        labels={"period": PERIOD},
    ),
)
QUOTAS = (
    MetricText(
        "claude_rate_limit_used_ratio",
        "share, of 1",
        Example(
            "when the five-hour window is used up, if it goes on as in the last half hour, in seconds from now",
            '(1 - claude_rate_limit_used_ratio{window="five_hour"})'
            ' / deriv(claude_rate_limit_used_ratio{window="five_hour"}[30m])',
        ),
        more="So it is after each reset, until Claude Code speaks of the window ([how it is known](costs.md#quotas)).",
        labels={"window": WINDOW},
    ),
    MetricText(
        "claude_rate_limit_resets_timestamp_seconds",
        "seconds",
        Example(
            "in how many seconds each window begins anew",
            "max by (window) (claude_rate_limit_resets_timestamp_seconds) - time()",
        ),
        labels={"window": WINDOW},
    ),
    MetricText(
        "claude_rate_limit_seen_timestamp_seconds",
        "seconds",
        Example(
            "how many seconds ago there was news of each window",
            "time() - max by (window) (claude_rate_limit_seen_timestamp_seconds)",
        ),
        labels={"window": WINDOW},
    ),
)
SPENDING = Section("What the API is asked for, and what it costs", (*REQUESTS, *BUDGETS, *QUOTAS))
