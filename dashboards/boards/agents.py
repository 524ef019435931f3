"""The board Agents and workflows: sessions, prompts, sub-agents with their tools and costs, and task workflows."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import AGENTS, COST, TASKS, TOOLS, link_to
from dashboards.variables import AGENT, INSTANCE, MODEL, PROJECT, TOOL


def board() -> Board:
    return Board(
        AGENTS,
        "now-24h",
        (INSTANCE, PROJECT, AGENT, MODEL, TOOL),
        (
            Section(
                "Activity",
                (
                    sessions(),
                    prompts(),
                    running(),
                    longest_wait(),
                    compactions(),
                    cost_per_prompt(),
                    subagent_share_of_cost(),
                ),
            ),
            Section("Sub-agents", (started(), outcomes(), durations(), tools_used())),
            Section("All agents", (calls(), error_rates(), costs(), session_lengths())),
            Section("Projects and workflows", (projects(), workflows())),
        ),
    )


def sessions() -> stat.Panel:
    description = "Claude Code sessions that started in the selected range."
    return p.stat_panel("Sessions started", description, p.instant_query(q.SESSIONS_STARTED)).decimals(0).span(3)


def prompts() -> stat.Panel:
    description = "Prompts submitted by users in the selected range. Filtered by exporter alone."
    return p.stat_panel("Prompts", description, p.instant_query(q.PROMPTS)).decimals(0).span(3)


def running() -> stat.Panel:
    description = "Runs of sub-agents that have started and not ended."
    panel = p.stat_panel("Sub-agents running", description, p.instant_query(q.SUBAGENTS_RUNNING, "sub-agents"))
    return panel.no_value(s.NO_EXPORTER)


def compactions() -> stat.Panel:
    description = (
        "Conversations compacted in the selected range to free up context, automatically or by command. Filtered by"
        " exporter alone."
    )
    return p.stat_panel("Compactions", description, p.instant_query(q.COMPACTIONS, "{{trigger}}")).decimals(0)


def cost_per_prompt() -> stat.Panel:
    description = (
        "Cost divided by the number of prompts in the selected range. Filtered by exporter alone, as prompts are."
        f" {s.PRICED_ONLY}"
    )
    panel = p.stat_panel("Cost per prompt", description, p.instant_query(q.COST_PER_PROMPT)).span(3)
    return panel.unit(s.DOLLARS).links([link_to(COST)])


def subagent_share_of_cost() -> stat.Panel:
    description = f"Share of the cost in the selected range that is attributed to sub-agents. {s.PRICED_ONLY}"
    panel = p.stat_panel("Sub-agent share of cost", description, p.instant_query(q.SUBAGENT_SHARE_OF_COST))
    return panel.unit(s.RATIO).decimals(0).span(3)


def longest_wait() -> stat.Panel:
    description = "How long the session that has waited longest has been waiting, by reason."
    panel = p.stat_panel("Longest wait", description, p.instant_query(q.LONGEST_WAIT, "{{reason}}"))
    return panel.unit(s.SECONDS).no_value(s.NOBODY_WAITS)


def started() -> timeseries.Panel:
    description = "Runs of sub-agents started per interval, by type. A sub-agent that is resumed starts another run."
    query = p.range_query(q.SUBAGENTS_PER_INTERVAL, "{{agent}}")
    return p.bar_graph("Sub-agents started by type", description, query).no_value("No sub-agents started")


def outcomes() -> timeseries.Panel:
    description = "Ended runs per interval. Error: an API error. Interrupted: stopped. Unknown: no end was logged."
    query = p.range_query(q.SUBAGENT_OUTCOMES_PER_INTERVAL, "{{outcome}}")
    panel = p.bar_graph("Sub-agent runs by outcome", description, query).no_value("No sub-agents ended")
    return p.with_colors(panel, s.OUTCOME_COLORS)


def calls() -> timeseries.Panel:
    description = "Main: the agent that users talk to. All others are sub-agents, by type."
    query = p.range_query(q.CALLS_BY_AGENT, "{{agent}}")
    panel = p.stacked_graph("Tool calls per minute by agent", description, query)
    return panel.unit(s.PER_MINUTE).links([link_to(TOOLS)])


def tools_used() -> table.Panel:
    description = "Tool calls of sub-agents in the selected range, by agent and tool."
    columns = {"agent": "Agent", "tool": "Tool", "Value": "Calls"}
    query = p.table_query(q.SUBAGENT_CALLS_BY_TOOL)
    return p.table_panel("Tools used by sub-agents", description, query, columns).decimals(0)


def error_rates() -> timeseries.Panel:
    description = "Share of tool calls per interval that ended in an error, by agent."
    query = p.range_query(q.ERROR_RATIO_BY_AGENT, "{{agent}}")
    return p.sparse_graph("Error rate by agent", description, query).unit(s.RATIO).max_data_points(p.MAX_RATIOS)


def durations() -> timeseries.Panel:
    description = "p50 and p95 duration of the runs of sub-agents, from start to end."
    p50, p95 = p.range_query(q.SUBAGENT_P50, "p50"), p.range_query(q.SUBAGENT_P95, "p95")
    panel = p.sparse_graph("Sub-agent duration", description, p50, p95).unit(s.SECONDS)
    return p.with_colors(panel.no_value("No sub-agents ended"), s.QUANTILE_COLORS)


def costs() -> timeseries.Panel:
    description = (
        "Main: the agent that users talk to. not_itemized: what sessions used beyond messages. All others are"
        " sub-agents, by type."
        f" {s.PRICED_ONLY}"
    )
    query = p.range_query(q.COST_PER_HOUR_BY_AGENT, "{{agent}}")
    panel = p.stacked_graph("Cost per hour by agent", description, query)
    return panel.interval("5m").unit(s.DOLLARS).links([link_to(COST)])


def session_lengths() -> timeseries.Panel:
    description = "Median duration of sessions that ended. Filtered by exporter alone."
    panel = p.sparse_graph("Session duration (p50)", description, p.range_query(q.SESSION_P50, "p50")).unit(s.SECONDS)
    return p.with_colors(panel, s.QUANTILE_COLORS)


def projects() -> bargauge.Panel:
    description = "Sessions of each project that started in the selected range."
    query = p.instant_query(q.SESSIONS_BY_PROJECT, "{{project}}")
    return p.bar_gauge("Sessions started by project", description, query).decimals(0).span(12).height(6)


def workflows() -> bargauge.Panel:
    description = (
        "Finished tasks of each workflow of the chat servers in the selected range. Not filtered by agent or exporter."
    )
    query = p.instant_query(q.FINISHED_BY_WORKFLOW, "{{workflow}}")
    panel = p.bar_gauge("Finished tasks by workflow", description, query).decimals(0)
    return panel.span(12).height(6).no_value(s.NO_TASKS).links([link_to(TASKS)])
