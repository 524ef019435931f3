"""The board Tools: calls with their outcomes, durations and errors, permission requests and MCP servers."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, table, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import TOOLS
from dashboards.variables import AGENT, INSTANCE, TOOL


def board() -> Board:
    return Board(
        TOOLS,
        "now-24h",
        (INSTANCE, AGENT, TOOL),
        (
            Section("Calls and outcomes", (calls(), error_rate(), denied(), in_flight(), outcomes(), tools())),
            Section("Durations", (durations(), heat(), slow_tools(), in_flight_by_tool())),
            Section("Errors and permissions", (error_rates(), categories(), errors(), permissions(), waits())),
            Section("MCP servers", (mcp_calls(), mcp_errors())),
        ),
    )


def calls() -> stat.Panel:
    description = "Tool calls that ended in the selected range."
    return p.stat_panel("Tool calls", description, p.instant_query(q.CALLS_IN_RANGE)).decimals(0).span(6)


def error_rate() -> stat.Panel:
    description = "Share of tool calls in the selected range that ended in an error."
    panel = p.stat_panel("Tool error rate", description, p.instant_query(q.ERROR_RATIO)).unit(s.RATIO).decimals(1)
    return panel.span(6).thresholds(s.ERROR_RATE)


def denied() -> stat.Panel:
    description = "Tool calls in the selected range that a user or a permission rule denied."
    return p.stat_panel("Denied calls", description, p.instant_query(q.DENIED)).decimals(0).span(6).no_value("0")


def in_flight() -> stat.Panel:
    description = (
        "Calls that have started and not ended, and commands in the background. Calls are not filtered by agent, and"
        " commands not by agent and tool."
    )
    panel = p.stat_panel("Calls in flight", description, p.instant_query(q.CALLS_IN_FLIGHT, "{{name}}"))
    return panel.span(6).no_value(s.NO_EXPORTER)


def outcomes() -> timeseries.Panel:
    description = "Ended calls. Denied: by a user or a permission rule. Unknown: no end was logged."
    query = p.range_query(q.CALLS_BY_OUTCOME, "{{outcome}}")
    panel = p.stacked_graph("Tool calls per minute by outcome", description, query).unit(s.PER_MINUTE).span(16)
    return p.with_colors(panel, s.OUTCOME_COLORS)


def tools() -> bargauge.Panel:
    description = "Calls of each tool in the selected range."
    return p.bar_gauge("Calls by tool", description, p.instant_query(q.CALLS_BY_TOOL, "{{tool}}")).decimals(0)


def durations() -> timeseries.Panel:
    description = f"p50, p95 and p99 duration of tool calls. Not filtered by agent. {s.EXEMPLARS}"
    # Of several queries of one histogram, Grafana asks only the first for exemplars once an editor was open.
    p50, p95 = p.exemplar_query(q.DURATION_P50, "p50"), p.range_query(q.DURATION_P95, "p95")
    panel = p.sparse_graph("Call duration", description, p50, p95, p.range_query(q.DURATION_P99, "p99"))
    return p.with_colors(p.with_log_scale(panel.unit(s.SECONDS)), s.QUANTILE_COLORS)


def heat() -> heatmap.Panel:
    description = f"Calls by duration. Not filtered by agent. {s.EXEMPLARS}"
    return p.heatmap_panel("Call duration distribution", description, p.exemplar_query(q.DURATION_BUCKETS, "{{le}}"))


def slow_tools() -> timeseries.Panel:
    description = "p95 duration of the calls of the most-called tools. Not filtered by agent."
    query = p.range_query(q.DURATION_P95_BY_TOOL, "{{tool}}")
    return p.with_log_scale(p.sparse_graph("Call duration by tool (p95)", description, query).unit(s.SECONDS))


def in_flight_by_tool() -> timeseries.Panel:
    description = "Calls of the most-called tools that had started and not ended. Not filtered by agent."
    query = p.range_query(q.CALLS_IN_FLIGHT_BY_TOOL, "{{tool}}")
    return p.with_shades(p.stacked_graph("Calls in flight by tool", description, query))


def error_rates() -> timeseries.Panel:
    description = "Share of calls per interval that ended in an error, of the most-called tools."
    query = p.range_query(q.ERROR_RATIO_BY_TOOL, "{{tool}}")
    return p.sparse_graph("Error rate by tool", description, query).unit(s.RATIO).max_data_points(p.MAX_RATIOS)


def categories() -> timeseries.Panel:
    description = "Failed calls per interval by error category. Not filtered by agent."
    query = p.range_query(q.ERRORS_PER_INTERVAL, "{{category}}")
    return p.bar_graph("Errors by category", description, query).no_value("No errors")


def errors() -> table.Panel:
    description = "Most frequent errors in the selected range by tool and error category. Not filtered by agent."
    columns = {"tool": "Tool", "category": "Category", "Value": "Errors"}
    return p.table_panel("Top errors", description, p.table_query(q.TOP_ERRORS), columns).decimals(0)


def permissions() -> timeseries.Panel:
    description = (
        "Permissions that Claude Code requested, and calls denied by users or permission rules, per interval. Not"
        " filtered by agent."
    )
    requested, denied = (
        p.range_query(q.PERMISSIONS_PER_INTERVAL, "requested"),
        p.range_query(q.DENIED_PER_INTERVAL, "denied"),
    )
    panel = p.bar_graph("Permission requests and denials", description, requested, denied)
    return p.with_colors(p.unstacked(panel), s.PERMISSION_COLORS)


def waits() -> timeseries.Panel:
    description = (
        "p50 and p95 of how long Claude Code waited for a permission or an answer. Not filtered by agent and tool."
    )
    p50, p95 = p.range_query(q.PEOPLE_WAIT_P50, "p50"), p.range_query(q.PEOPLE_WAIT_P95, "p95")
    panel = p.sparse_graph("Waits for people", description, p50, p95).unit(s.SECONDS).span(24)
    return p.with_colors(panel.no_value("Nothing has waited for a person"), s.QUANTILE_COLORS)


def mcp_calls() -> bargauge.Panel:
    description = "Calls to the tools of each MCP server in the selected range."
    panel = p.bar_gauge("Calls by MCP server", description, p.instant_query(q.MCP_CALLS_BY_SERVER, "{{server}}"))
    return panel.decimals(0).span(12).height(4).no_value(s.NO_MCP)


def mcp_errors() -> bargauge.Panel:
    description = "Share of the calls to the tools of each MCP server in the selected range that ended in an error."
    query = p.instant_query(q.MCP_ERROR_RATIO_BY_SERVER, "{{server}}")
    panel = p.percent_gauge("Error rate by MCP server", description, query)
    return panel.thresholds(s.ERROR_RATE).decimals(1).span(12).height(4).no_value(s.NO_MCP)
