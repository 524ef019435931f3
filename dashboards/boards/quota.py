"""The board Quota and API: use of the windows of a subscription, projections to their reset, and failed requests."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import COST, QUOTA, link_to
from dashboards.variables import INSTANCE


def board() -> Board:
    return Board(
        QUOTA,
        "now-2d",
        (INSTANCE,),
        (
            Section("Usage", (used(), at_reset())),
            Section("Reset and exhaustion", (resets(), exhausted(), report_age())),
            Section("History", (used_over_time(), at_reset_over_time())),
            Section("API health", (error_rate(), abandoned(), retry_wait(), errors(), fallbacks())),
        ),
    )


def used() -> bargauge.Panel:
    description = "Used share of the five-hour and the seven-day quota of the subscription, as reported by Claude Code."
    panel = p.percent_gauge("Quota used", description, p.instant_query(q.QUOTA_USED, "{{window}}")).span(12).height(5)
    return p.with_display_names(panel.thresholds(s.QUOTA).no_value(s.NO_QUOTA), s.WINDOW_NAMES)


def at_reset() -> stat.Panel:
    description = "Projected use of each window at its reset, at the current rate. Above 100% it runs out before then."
    panel = p.stat_panel("Projected use at reset", description, p.instant_query(q.QUOTA_AT_RESET, "{{window}}"))
    panel.unit(s.RATIO).decimals(0).span(12).height(5).no_value(s.NO_QUOTA)
    return p.with_display_names(panel.thresholds(s.PROJECTED_QUOTA), s.WINDOW_NAMES)


def resets() -> stat.Panel:
    description = "Time until the reset of each window."
    panel = p.stat_panel("Time to reset", description, p.instant_query(q.QUOTA_RESETS_IN, "{{window}}"))
    panel.unit(s.SECONDS).span(8).no_value(s.NO_QUOTA).decimals(1)
    return p.with_display_names(panel, s.WINDOW_NAMES)


def exhausted() -> stat.Panel:
    description = (
        "Time until each window is exhausted, at the rate of the last 30 minutes (5 hours) or 6 hours (7 days)."
    )
    query = p.instant_query(q.QUOTA_EXHAUSTED_IN, "{{window}}")
    panel = p.stat_panel("Time to exhaustion at the current rate", description, query)
    panel.unit(s.SECONDS).span(8).decimals(1).no_value(s.NO_QUOTA_USE)
    return p.with_display_names(panel, s.WINDOW_NAMES)


def report_age() -> stat.Panel:
    description = "Time since Claude Code last reported new usage of each window. Usage since then is unknown."
    panel = p.stat_panel("Time since last report", description, p.instant_query(q.QUOTA_REPORT_AGE, "{{window}}"))
    panel.unit(s.SECONDS).span(8).decimals(0).thresholds(s.REPORT_AGE).no_value(s.NO_QUOTA)
    return p.with_display_names(panel, s.WINDOW_NAMES)


def used_over_time() -> timeseries.Panel:
    description = "Share of each quota window used. Dashed lines: 80% and 90%."
    panel = p.line_graph("Quota used over time", description, p.range_query(q.QUOTA_USED, "{{window}}"))
    panel.unit(s.RATIO).max(1).thresholds(s.QUOTA).no_value(s.NO_QUOTA).height(9)
    return p.with_display_names(p.with_colors(p.with_threshold_lines(panel), s.WINDOW_COLORS), s.WINDOW_NAMES)


def at_reset_over_time() -> timeseries.Panel:
    description = "Projected use of each window at its reset, at the rate of each moment. Dashed lines: 80% and 100%."
    panel = p.line_graph("Projected use at reset over time", description, p.range_query(q.QUOTA_AT_RESET, "{{window}}"))
    panel.unit(s.RATIO).thresholds(s.PROJECTED_QUOTA).no_value(s.NO_QUOTA).height(9).axis_soft_max(1)
    panel = p.with_colors(p.with_threshold_lines(panel), s.WINDOW_COLORS)
    return p.with_display_names(panel, s.WINDOW_NAMES).links([link_to(COST)])


def error_rate() -> stat.Panel:
    description = "Share of API requests in the selected range that failed. Retries count as requests."
    panel = p.stat_panel("API error rate", description, p.instant_query(q.API_ERROR_RATIO)).unit(s.RATIO).decimals(1)
    return panel.span(8).thresholds(s.ERROR_RATE)


def abandoned() -> stat.Panel:
    description = "API requests in the selected range that Claude Code gave up, so that the user saw an error."
    panel = p.stat_panel("Abandoned requests", description, p.instant_query(q.ABANDONED_REQUESTS))
    return panel.span(8).decimals(0).thresholds(s.WARNING_IF_ANY)


def retry_wait() -> stat.Panel:
    description = "Time between failed API requests and their next attempts in the selected range, over all agents."
    panel = p.stat_panel("Waiting for retries", description, p.instant_query(q.RETRY_WAIT))
    return panel.span(8).unit(s.SECONDS).decimals(1)


def errors() -> timeseries.Panel:
    description = (
        "Failed API requests per interval by HTTP status. 429: rate limit. 529: overloaded. Network: no response."
    )
    query = p.range_query(q.API_ERRORS_PER_INTERVAL, "{{status}}")
    panel = p.bar_graph("API errors by status", description, query).no_value(s.NO_API_ERRORS)
    return p.with_colors(panel, s.API_STATUS_COLORS)


def fallbacks() -> table.Panel:
    description = "How often Claude Code switched to another model in the selected range, and why."
    columns = {"from_model": "From model", "to_model": "To model", "trigger": "Trigger", "Value": "Fallbacks"}
    panel = p.table_panel("Model fallbacks", description, p.table_query(q.MODEL_FALLBACKS), columns)
    return panel.decimals(0).no_value("No model fallbacks")
