"""The board Quota: use of the five-hour and the seven-day window of a subscription, and projections to their reset."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, timeseries

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
    panel.unit(s.SECONDS).span(8).decimals(1).no_value("No quota is being used")
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
