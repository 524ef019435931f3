"""Tokens, costs, budgets and rate limits."""

from __future__ import annotations

from exporter.counting.spending import TOKEN_KINDS
from exporter.sources.quotas import WINDOWS
from tools.metrics_page.labels import MODEL, PROJECT, SPENDER
from tools.metrics_page.records import Example, LabelText, MetricText, Section

PERIOD = LabelText("the calendar day or month", ("day", "month"))
WINDOW = LabelText("the length of the rate limit window", WINDOWS)

REQUESTS = (
    MetricText(
        "claude_tokens_total",
        "tokens",
        Example(
            "share of the prompt tokens of the last hour that were read from the cache",
            'sum(series:claude_tokens:increase1h{kind="cache_read"})'
            ' / sum(series:claude_tokens:increase1h{kind!="output"})',
        ),
        more="`input` tokens are neither read from the cache nor written to it.",
        labels={
            "model": MODEL,
            "kind": LabelText("the kind of token", TOKEN_KINDS),
            "agent": SPENDER,
            "project": PROJECT,
        },
    ),
    MetricText(
        "claude_cost_usd_total",
        "US dollars",
        Example("cost of the last hour, by project", "sum by (project) (series:claude_cost_usd:increase1h)"),
        more="See [Costs](costs.md).",
        labels={"model": MODEL, "agent": SPENDER, "project": PROJECT},
    ),
    MetricText(
        "claude_api_requests_total",
        "messages",
        Example(
            "average cost of a message in the last hour, by model",
            'sum by (model) (series:claude_cost_usd:increase1h{agent!="not_itemized"})'
            " / sum by (model) (series:claude_api_requests:increase1h)",
        ),
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_unpriced_tokens_total",
        "tokens",
        Example(
            "tokens of models without a known price in the last day, by model",
            "sum by (model) (series:claude_unpriced_tokens:increase1d)",
        ),
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_cache_savings_usd_total",
        "US dollars",
        Example(
            "net savings of the cache in the last day",
            "(sum(series:claude_cache_savings_usd:increase1d) or vector(0))"
            " - (sum(series:claude_cache_premium_usd:increase1d) or vector(0))",
        ),
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_cache_premium_usd_total",
        "US dollars",
        Example(
            "extra cost of cache writes in the last hour, by model",
            "sum by (model) (series:claude_cache_premium_usd:increase1h)",
        ),
        more="Savings minus premium are the net savings of the cache.",
        labels={"model": MODEL},
    ),
    MetricText(
        "claude_web_searches_total",
        "searches",
        Example("web searches in the last day", "sum(series:claude_web_searches:increase1d)"),
    ),
    MetricText(
        "claude_context_tokens",
        "tokens",
        Example(
            "95th percentile of the prompt size in the last hour, by exporter",
            "instance:claude_context_tokens:p95_1h",
        ),
        more="Buckets range from 1,000 to 1,000,000.",
    ),
)
BUDGETS = (
    MetricText(
        "claude_spent_usd",
        "US dollars",
        Example("used share of today's budget", 'claude_spent_usd{period="day"} / claude_budget_usd{period="day"}'),
        labels={"period": PERIOD},
    ),
    MetricText(
        "claude_budget_usd",
        "US dollars",
        Example(
            "remaining budget of this month",
            'claude_budget_usd{period="month"} - claude_spent_usd{period="month"}',
        ),
        labels={"period": PERIOD},
    ),
    MetricText(
        "claude_spent_since_timestamp_seconds",
        "seconds",
        Example(
            "projected spending at the end of the period, at the average rate so far",
            "claude_spent_usd * (claude_spent_until_timestamp_seconds - claude_spent_since_timestamp_seconds)"
            " / (time() - claude_spent_since_timestamp_seconds)",
        ),
        labels={"period": PERIOD},
    ),
    MetricText(
        "claude_spent_until_timestamp_seconds",
        "seconds",
        Example(
            "hours until the end of the day", '(claude_spent_until_timestamp_seconds{period="day"} - time()) / 3600'
        ),
        labels={"period": PERIOD},
    ),
)
QUOTAS = (
    MetricText(
        "claude_rate_limit_used_ratio",
        "ratio",
        Example(
            "share of the five-hour window that is left",
            '1 - claude_rate_limit_used_ratio{window="five_hour"}',
        ),
        more="It is unknown after each reset until Claude Code reports the window again ([details](costs.md#quotas)).",
        labels={"window": WINDOW},
    ),
    MetricText(
        "claude_rate_limit_resets_timestamp_seconds",
        "seconds",
        Example(
            "seconds until each window resets",
            "max by (window) (claude_rate_limit_resets_timestamp_seconds) - time()",
        ),
        labels={"window": WINDOW},
    ),
    MetricText(
        "claude_rate_limit_seen_timestamp_seconds",
        "seconds",
        Example(
            "seconds since the last report, by window",
            "time() - max by (window) (claude_rate_limit_seen_timestamp_seconds)",
        ),
        labels={"window": WINDOW},
    ),
)
SPENDING = Section("Tokens and costs", (*REQUESTS, *BUDGETS, *QUOTAS))
