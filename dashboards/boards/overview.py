"""The board Overview: health, activity, cost and errors at a glance, with links to the other boards."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import AGENTS, COST, METER, OVERVIEW, QUOTA, TASKS, TOOLS, data_link, link_to
from dashboards.variables import AGENT, INSTANCE, MODEL, PROJECT, TOOL


def board() -> Board:
    return Board(
        OVERVIEW,
        "now-24h",
        (INSTANCE, PROJECT, AGENT, MODEL, TOOL),
        (
            Section("Health", (exporters_down(), alerts(), read_lag(), malformed(), abandoned(), waiting(), quota())),
            Section(
                "Activity and cost",
                (
                    sessions(),
                    running(),
                    tasks(),
                    cost_to_date(),
                    cost_in_range(),
                    budget(),
                    calls(),
                    cost_by_project(),
                ),
            ),
            Section("Errors", (error_rate(), errors(), error_rates())),
        ),
    )


def exporters_down() -> stat.Panel:
    description = "Exporters that Prometheus cannot scrape."
    panel = p.stat_panel("Exporters down", description, p.instant_query(q.EXPORTERS_DOWN, "down")).span(3)
    return panel.thresholds(s.CRITICAL_IF_ANY).no_value(s.NO_EXPORTER).links([link_to(METER)])


def alerts() -> stat.Panel:
    panel = p.stat_panel(
        "Alerts firing", "Alerts of hookmeter that are firing now.", p.instant_query(q.ALERTS_FIRING, "firing")
    )
    return panel.thresholds(s.CRITICAL_IF_ANY).span(3).no_value(s.NO_ALERT_RULES)


def read_lag() -> stat.Panel:
    description = "How long log lines have been waiting to be counted; 0 when every line is counted."
    panel = p.stat_panel("Read lag", description, p.instant_query(q.READ_LAG, "lag")).unit(s.SECONDS).span(3)
    return panel.thresholds(s.LAG).no_value(s.NO_EXPORTER).links([link_to(METER)])


def malformed() -> stat.Panel:
    description = "Log lines in the selected range that were not JSON objects, or not countable."
    panel = p.stat_panel("Malformed lines", description, p.instant_query(q.MALFORMED)).decimals(0).span(3)
    return panel.thresholds(s.WARNING_IF_ANY).links([link_to(METER)])


def abandoned() -> stat.Panel:
    description = "API requests in the selected range that Claude Code gave up, so that the user saw an error."
    panel = p.stat_panel("Abandoned requests", description, p.instant_query(q.ABANDONED_REQUESTS)).decimals(0)
    return panel.span(3).thresholds(s.WARNING_IF_ANY).links([link_to(QUOTA)])


def waiting() -> stat.Panel:
    description = "Sessions that wait for a permission, for an answer to a question, or (idle) for the next prompt."
    panel = p.stat_panel("Sessions waiting", description, p.instant_query(q.WAITING, "{{reason}}"))
    return panel.no_value(s.NO_EXPORTER).links([link_to(AGENTS)])


def quota() -> bargauge.Panel:
    description = "Used share of the five-hour and the seven-day quota of the subscription."
    panel = p.percent_gauge("Quota used", description, p.instant_query(q.QUOTA_USED, "{{window}}"))
    panel.thresholds(s.QUOTA).span(5).height(4).no_value(s.NO_QUOTA).links([link_to(QUOTA)])
    return p.with_display_names(panel, s.WINDOW_NAMES)


def sessions() -> stat.Panel:
    description = "Open sessions. Active: a log line in the last 5 minutes, or running work. Idle: in the last hour."
    panel = p.stat_panel("Sessions", description, p.instant_query(q.OPEN_SESSIONS, "{{status}}"))
    return panel.no_value(s.NO_EXPORTER).links([link_to(AGENTS)])


def running() -> stat.Panel:
    description = "Tool calls that have started and not ended, commands in the background, and sub-agents."
    panel = p.stat_panel("Running now", description, p.instant_query(q.RUNNING, "{{name}}"))
    return panel.no_value(s.NO_EXPORTER).links([link_to(TOOLS)])


def tasks() -> stat.Panel:
    description = "Running and pending tasks of the chat server."
    panel = p.stat_panel("Tasks", description, p.instant_query(q.ALL_UNFINISHED_TASKS, "{{status}}"))
    return panel.no_value(s.NO_SERVER).links([link_to(TASKS)])


def cost_to_date() -> stat.Panel:
    description = f"Cost of the current calendar day and month. {s.PRICED_ONLY}"
    panel = p.stat_panel("Cost to date", description, p.instant_query(q.SPENT, "{{period}}")).unit(s.DOLLARS)
    return p.with_display_names(panel.links([link_to(COST)]), s.PERIOD_NAMES)


def cost_in_range() -> stat.Panel:
    description = f"Cost in the selected range, for the selected projects, agents and models. {s.PRICED_ONLY}"
    panel = p.stat_panel("Cost in selected range", description, p.instant_query(q.COST_IN_RANGE))
    return panel.unit(s.DOLLARS).links([link_to(COST)])


def budget() -> stat.Panel:
    description = f"Share of the daily and of the monthly budget that is spent. {s.PRICED_ONLY}"
    panel = p.stat_panel("Budget used", description, p.instant_query(q.BUDGET_USED, "{{period}}"))
    panel.unit(s.RATIO).decimals(0).thresholds(s.BUDGET).no_value(s.NO_BUDGET).links([link_to(COST)])
    return p.with_display_names(panel, s.PERIOD_NAMES)


def calls() -> timeseries.Panel:
    description = "Ended calls. Denied: by a user or a permission rule. Unknown: no end was logged."
    query = p.range_query(q.CALLS_BY_OUTCOME, "{{outcome}}")
    panel = p.stacked_graph("Tool calls per minute by outcome", description, query).unit(s.PER_MINUTE)
    panel.max_data_points(p.MAX_OVERVIEW_POINTS)
    return p.with_colors(panel.span(12).height(8).links([link_to(TOOLS)]), s.OUTCOME_COLORS)


def cost_by_project() -> timeseries.Panel:
    description = f"A project is the directory in which Claude Code was started. {s.PRICED_ONLY}"
    query = p.range_query(q.COST_PER_HOUR_BY_PROJECT, "{{project}}")
    panel = p.stacked_graph("Cost per hour by project", description, query).max_data_points(p.MAX_OVERVIEW_POINTS)
    return panel.unit(s.DOLLARS).interval("5m").links([link_to(COST)])


def error_rate() -> stat.Panel:
    description = "Share of tool calls in the selected range that ended in an error."
    panel = p.stat_panel("Tool error rate", description, p.instant_query(q.ERROR_RATIO)).unit(s.RATIO).decimals(1)
    return panel.thresholds(s.ERROR_RATE).height(8).links([link_to(TOOLS)])


def errors() -> table.Panel:
    description = "Most frequent errors in the selected range by tool and error category. Click a tool for details."
    columns = {"tool": "Tool", "category": "Category", "Value": "Errors"}
    panel = p.table_panel("Top errors", description, p.table_query(q.TOP_ERRORS), columns).span(8).decimals(0)
    link = data_link(TOOLS, "tool", "Tool", ("datasource", "instance", "agent"))
    return p.with_cell_link(panel.links([link_to(TOOLS)]), "Tool", link)


def error_rates() -> bargauge.Panel:
    description = "Share of the calls of each tool in the selected range that ended in an error."
    panel = p.percent_gauge("Error rate by tool", description, p.instant_query(q.HIGHEST_ERROR_RATIOS, "{{tool}}"))
    return panel.thresholds(s.ERROR_RATE).span(12).no_value("No failed calls").links([link_to(TOOLS)])
