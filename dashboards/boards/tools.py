"""Tools: what is called, how long it takes, why it fails, what waits for people, what MCP servers do."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, heatmap, stat, table, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import TOOLS
from dashboards.variables import AGENT, INSTANCE, TOOL


def board() -> Board:
    """The board."""
    return Board(
        TOOLS,
        "now-24h",
        (INSTANCE, AGENT, TOOL),
        (
            Section(
                "How much is done, and how does it end?",
                (calls(), error_ratio(), denied(), in_flight(), outcomes(), tools()),
            ),
            Section("How long does it take?", (durations(), heat(), slow_tools(), flights())),
            Section("Why does it fail?", (error_ratios(), categories(), errors(), denials())),
            Section("What do MCP servers do?", (mcp_calls(), mcp_errors())),
        ),
    )


def calls() -> stat.Panel:
    about = "Tool calls that ended in the time that is shown."
    return p.big("Tool calls", about, p.at_the_end(q.CALLS_IN_RANGE)).decimals(0).span(6)


def error_ratio() -> stat.Panel:
    about = "The share of tool calls that ended in an error, in the time that is shown."
    panel = p.big("Calls that failed", about, p.at_the_end(q.ERROR_RATIO)).unit(m.SHARE).decimals(1).span(6)
    return panel.thresholds(m.ERRORS)


def denied() -> stat.Panel:
    about = "Tool calls that people or rules refused, in the time that is shown."
    return p.big("Denied", about, p.at_the_end(q.DENIED)).decimals(0).span(6).no_value("0")


def in_flight() -> stat.Panel:
    about = "Tool calls that have begun and not ended, of all agents."
    return p.sparkling(p.big("In flight", about, p.over_time(q.CALLS_IN_FLIGHT, "calls"))).span(6)


def outcomes() -> timeseries.Panel:
    about = "Tool calls a minute, by how they ended."
    panel = (
        p.areas("Calls a minute, by how they ended", about, p.over_time(q.CALLS_BY_OUTCOME, "{{outcome}}"))
        .unit(m.PER_MINUTE)
        .span(16)
    )
    return p.coloured(panel, m.OUTCOMES)


def tools() -> bargauge.Panel:
    about = "How often each tool was called in the time that is shown."
    return p.ranking("Tools", about, p.at_the_end(q.CALLS_BY_TOOL, "{{tool}}")).decimals(0)


def durations() -> timeseries.Panel:
    about = "How long calls took, of all agents: the half is faster, all but one in twenty, all but one in a hundred."
    half, most = p.over_time(q.DURATION_MEDIAN, "median"), p.with_exemplars(q.DURATION_P95, "95 %")
    panel = p.sparse("Duration of calls", f"{about} {m.EXEMPLARS}", half, most, p.over_time(q.DURATION_P99, "99 %"))
    return p.coloured(p.logarithmic(panel.unit(m.SECONDS)), m.RANKS)


def heat() -> heatmap.Panel:
    about = "How many calls took how long, of all agents."
    return p.heat("Spread of durations", f"{about} {m.EXEMPLARS}", p.with_exemplars(q.DURATION_HEAT, "{{le}}"))


def slow_tools() -> timeseries.Panel:
    about = "How long all but one in twenty calls took, of the tools that were called most, of all agents."
    panel = p.sparse("Duration of 95 %, by tool", about, p.over_time(q.DURATION_P95_BY_TOOL, "{{tool}}"))
    return p.logarithmic(panel.unit(m.SECONDS))


def flights() -> timeseries.Panel:
    about = "Tool calls that had begun and not ended, of the tools that were called most, of all agents."
    return p.shaded(p.areas("In flight, by tool", about, p.over_time(q.CALLS_IN_FLIGHT_BY_TOOL, "{{tool}}")))


def error_ratios() -> timeseries.Panel:
    about = "The share of calls that ended in an error from one point to the next, of the tools that were called most."
    panel = p.sparse("Share of calls that failed, by tool", about, p.over_time(q.ERROR_RATIO_BY_TOOL, "{{tool}}"))
    return panel.unit(m.SHARE).interval("1h")


def categories() -> timeseries.Panel:
    about = "How many calls failed from one bar to the next, by why, of all agents."
    return p.bars("Errors, by reason", about, p.over_time(q.EACH_ERROR, "{{category}}")).no_value("No errors")


def errors() -> table.Panel:
    about = "What failed most often in the time that is shown, and why, of all agents."
    columns = {"tool": "Tool", "category": "Reason", "Value": "Errors"}
    return p.listing("Errors, by tool and reason", about, p.rows(q.WORST_ERRORS), columns).decimals(0)


def denials() -> timeseries.Panel:
    about = "How often Claude Code asked to use a tool, and was denied it, from one bar to the next."
    asked, refused = p.over_time(q.EACH_PERMISSION, "asked"), p.over_time(q.EACH_DENIED, "denied")
    return p.coloured(p.side_by_side(p.bars("Permissions", about, asked, refused)), m.PERMISSIONS)


def mcp_calls() -> bargauge.Panel:
    about = "How often the tools of each MCP server were called in the time that is shown."
    panel = p.ranking("Calls, by MCP server", about, p.at_the_end(q.MCP_CALLS_BY_SERVER, "{{server}}"))
    return panel.decimals(0).span(12).height(4).no_value(m.NO_MCP)


def mcp_errors() -> bargauge.Panel:
    about = "The share of calls to tools of each MCP server that failed, in the time that is shown."
    panel = p.filled("Calls that failed, by MCP server", about, p.at_the_end(q.MCP_ERROR_RATIO_BY_SERVER, "{{server}}"))
    return panel.thresholds(m.ERRORS).decimals(1).span(12).height(4).no_value(m.NO_MCP)
