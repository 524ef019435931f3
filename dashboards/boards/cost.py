"""The board Cost and cache: cost by project, model and agent, budgets, savings by the prompt cache, and code."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import AGENTS, COST, link_to
from dashboards.variables import AGENT, INSTANCE, MODEL, PROJECT


def board() -> Board:
    return Board(
        COST,
        "now-7d",
        (INSTANCE, PROJECT, AGENT, MODEL),
        (
            Section("Cost and budget", (cost_to_date(), cost_in_range(), forecast(), budget(), requests())),
            Section("Cost breakdown", (cost_over_time(), budget_over_time(), projects(), models(), agents())),
            Section("Prompt cache", (hit_rate(), savings(), hit_rate_over_time(), savings_over_time())),
            Section("Tokens and prices", (tokens(), prompt_sizes(), unpriced())),
            Section("Code", (lines_of_code(), code())),
        ),
    )


def cost_to_date() -> stat.Panel:
    description = f"Cost of the current calendar day and month, of all projects, agents and models. {s.PRICED_ONLY}"
    panel = p.stat_panel("Cost to date", description, p.instant_query(q.SPENT, "{{period}}")).unit(s.DOLLARS)
    return p.with_display_names(panel, s.PERIOD_NAMES)


def cost_in_range() -> stat.Panel:
    description = f"Cost in the selected range, for the selected projects, agents and models. {s.PRICED_ONLY}"
    return p.stat_panel("Cost in selected range", description, p.instant_query(q.COST_IN_RANGE)).unit(s.DOLLARS)


def forecast() -> stat.Panel:
    description = (
        "Projected cost of the current month, of all projects, agents and models, at its rate so far. Unreliable in the"
        " first days of a month."
        f" {s.PRICED_ONLY}"
    )
    return p.stat_panel("Forecast for this month", description, p.instant_query(q.MONTH_FORECAST)).unit(s.DOLLARS)


def budget() -> bargauge.Panel:
    description = (
        "Share of the daily and of the monthly budget that is spent, by all projects, agents and models."
        f" {s.PRICED_ONLY}"
    )
    panel = p.percent_gauge("Budget used", description, p.instant_query(q.BUDGET_USED, "{{period}}"))
    panel.no_value(s.NO_BUDGET).thresholds(s.BUDGET).height(4)
    return p.with_display_names(panel, s.PERIOD_NAMES)


def requests() -> stat.Panel:
    description = "API requests answered in the selected range. Not filtered by project and agent."
    return p.stat_panel("API requests", description, p.instant_query(q.REQUESTS)).decimals(0)


def cost_over_time() -> timeseries.Panel:
    description = f"A project is the directory in which Claude Code was started. {s.PRICED_ONLY}"
    query = p.range_query(q.COST_PER_HOUR_BY_PROJECT, "{{project}}")
    return p.stacked_graph("Cost per hour by project", description, query).unit(s.DOLLARS).interval("5m")


def budget_over_time() -> timeseries.Panel:
    description = (
        "Share of the daily and of the monthly budget spent, by all projects, agents and models. Dashed lines: 80% and"
        " 100%."
        f" {s.PRICED_ONLY}"
    )
    panel = p.line_graph("Budget used over time", description, p.range_query(q.BUDGET_USED, "{{period}}"))
    panel.unit(s.RATIO).no_value(s.NO_BUDGET).thresholds(s.BUDGET)
    return p.with_display_names(p.with_colors(p.with_threshold_lines(panel), s.PERIOD_COLORS), s.BUDGET_NAMES)


def projects() -> bargauge.Panel:
    description = f"Cost of each project in the selected range. {s.PRICED_ONLY}"
    panel = p.bar_gauge("Cost by project", description, p.instant_query(q.COST_BY_PROJECT, "{{project}}"))
    return panel.unit(s.DOLLARS).height(6)


def models() -> bargauge.Panel:
    description = f"Cost of each model in the selected range. {s.PRICED_ONLY}"
    panel = p.bar_gauge("Cost by model", description, p.instant_query(q.COST_BY_MODEL, "{{model}}"))
    return panel.unit(s.DOLLARS).height(6)


def agents() -> bargauge.Panel:
    description = (
        "Cost in the selected range of the main agent, of each type of sub-agent, and of what sessions used beyond"
        " messages (not_itemized)."
        f" {s.PRICED_ONLY}"
    )
    panel = p.bar_gauge("Cost by agent", description, p.instant_query(q.COST_BY_AGENT, "{{agent}}")).unit(s.DOLLARS)
    return panel.height(6).links([link_to(AGENTS)])


def hit_rate() -> stat.Panel:
    description = "Share of prompt tokens in the selected range that were read from the cache."
    panel = p.stat_panel("Cache hit rate", description, p.instant_query(q.CACHE_HIT_RATE)).unit(s.RATIO).decimals(1)
    return panel.thresholds(s.CACHE_HIT_RATE).height(8)


def savings() -> stat.Panel:
    description = (
        "Savings in the selected range: what cache reads saved minus what cache writes cost extra. Not filtered by"
        " project and agent."
        f" {s.PRICED_ONLY}"
    )
    panel = p.stat_panel("Net cache savings", description, p.instant_query(q.NET_CACHE_SAVINGS)).unit(s.DOLLARS)
    return panel.height(8).thresholds(s.CACHE_SAVINGS)


def hit_rate_over_time() -> timeseries.Panel:
    description = "Share of prompt tokens that were read from the cache, by model."
    query = p.range_query(q.CACHE_HIT_RATE_BY_MODEL, "{{model}}")
    return p.sparse_graph("Cache hit rate by model", description, query).unit(s.RATIO).max(1).span(8)


def savings_over_time() -> timeseries.Panel:
    description = (
        "What cache reads saved minus what cache writes cost extra, compared with uncached input. Not filtered by"
        " project and agent."
        f" {s.PRICED_ONLY}"
    )
    query = p.range_query(q.NET_CACHE_SAVINGS_PER_HOUR, "{{model}}")
    panel = p.stacked_graph("Net cache savings per hour by model", description, query)
    return panel.span(8).unit(s.DOLLARS).interval("5m")


def tokens() -> timeseries.Panel:
    description = "Input: prompt tokens neither read from the cache nor written to it. Output: generated tokens."
    return p.stacked_graph("Tokens per minute by kind", description, p.range_query(q.TOKENS_BY_KIND, "{{kind}}")).span(
        8
    )


def prompt_sizes() -> timeseries.Panel:
    description = "Tokens per prompt, cached tokens included: p50 and p95. Not filtered by project, agent and model."
    p50, p95 = p.range_query(q.CONTEXT_P50, "p50"), p.range_query(q.CONTEXT_P95, "p95")
    return p.with_colors(p.sparse_graph("Prompt size in tokens", description, p50, p95).span(8), s.QUANTILE_COLORS)


def unpriced() -> table.Panel:
    description = (
        "Tokens of models without a known price. No other panel has their cost. Add prices with --prices. Not filtered"
        " by project and agent."
    )
    columns = {"model": "Model", "Value": "Tokens"}
    panel = p.table_panel("Unpriced models", description, p.table_query(q.UNPRICED_TOKENS), columns)
    return panel.span(8).decimals(0).no_value("Every model has a price").thresholds(s.UNPRICED)


def lines_of_code() -> timeseries.Panel:
    description = "Lines that edits of files added and removed per interval. Not filtered by project, agent and model."
    query = p.range_query(q.LINES_PER_INTERVAL, "{{language}}")
    return p.bar_graph("Lines of code by language", description, query).span(16).no_value("Nothing was edited")


def code() -> stat.Panel:
    description = (
        "Lines changed by edits of files, and commits and pull requests created by commands, in the selected range. Not"
        " filtered by project, agent and model."
    )
    panel = p.stat_panel("Code", description, p.instant_query(q.CODE_IN_RANGE, "{{name}}"))
    return p.listed(panel.decimals(0).span(8).height(8))
