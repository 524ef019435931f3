"""Agents and workflows: sessions and prompts, sub-agents with their tools, time and cost, and workflows of tasks."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import AGENTS, COST, TASKS, TOOLS, to
from dashboards.variables import AGENT, INSTANCE, MODEL, PROJECT, TOOL


def board() -> Board:
    """The board."""
    return Board(
        AGENTS,
        "now-24h",
        (INSTANCE, PROJECT, AGENT, MODEL, TOOL),
        (
            Section(
                "How much do people and agents do?",
                (sessions(), prompts(), subagents(), compactions(), cost_per_prompt(), share_of_cost()),
            ),
            Section("What do sub-agents do?", (started(), calls(), their_tools(), failures())),
            Section("How long does it take, and what does it cost?", (runs(), costs(), lengths(), compacted())),
            Section("Projects and workflows", (projects(), workflows())),
        ),
    )


def sessions() -> stat.Panel:
    about = "Sessions that began in the time that is shown."
    return p.big("Sessions", about, p.at_the_end(q.SESSIONS_STARTED)).decimals(0)


def prompts() -> stat.Panel:
    about = "Prompts that people submitted in the time that is shown."
    return p.big("Prompts", about, p.at_the_end(q.PROMPTS)).decimals(0)


def subagents() -> stat.Panel:
    about = "Sub-agents that were started in the time that is shown."
    return p.big("Sub-agents", about, p.at_the_end(q.SUBAGENTS_IN_RANGE)).decimals(0).no_value("0")


def compactions() -> stat.Panel:
    about = "Conversations that were compacted in the time that is shown, because they had become too long."
    return p.big("Compactions", about, p.at_the_end(q.COMPACTIONS)).decimals(0)


def cost_per_prompt() -> stat.Panel:
    about = "What was spent in the time that is shown, by the number of prompts."
    return p.big("Cost of a prompt", about, p.at_the_end(q.COST_PER_PROMPT)).unit(m.DOLLARS).links([to(COST)])


def share_of_cost() -> stat.Panel:
    about = "The share of the cost that was sub-agents', in the time that is shown."
    return p.big("Spent by sub-agents", about, p.at_the_end(q.SUBAGENT_SHARE_OF_COST)).unit(m.SHARE).decimals(0)


def started() -> timeseries.Panel:
    about = "How many sub-agents were started from one bar to the next, by type."
    panel = p.bars("Sub-agents started, by type", about, p.over_time(q.EACH_SUBAGENT, "{{agent}}"))
    return panel.no_value("No sub-agents were started")


def calls() -> timeseries.Panel:
    about = "Tool calls a minute, by agent."
    panel = p.areas("Tool calls a minute, by agent", about, p.over_time(q.CALLS_BY_AGENT, "{{agent}}")).unit(
        m.PER_MINUTE
    )
    return panel.links([to(TOOLS)])


def their_tools() -> table.Panel:
    about = "What sub-agents called in the time that is shown."
    columns = {"agent": "Agent", "tool": "Tool", "Value": "Calls"}
    return p.listing("Their tools", about, p.rows(q.SUBAGENT_CALLS_BY_TOOL), columns).decimals(0)


def failures() -> timeseries.Panel:
    about = "The share of tool calls that ended in an error from one point to the next, by agent."
    panel = p.sparse("Share of calls that failed, by agent", about, p.over_time(q.ERROR_RATIO_BY_AGENT, "{{agent}}"))
    return panel.unit(m.SHARE).interval("1h")


def runs() -> timeseries.Panel:
    about = (
        "How long sub-agents ran, as the calls that start them say: the half ran shorter, and all but one in twenty."
    )
    half, most = p.over_time(q.SUBAGENT_MEDIAN, "median"), p.over_time(q.SUBAGENT_P95, "95 %")
    panel = p.sparse("Duration of sub-agents", about, half, most).unit(m.SECONDS)
    return p.coloured(panel.no_value("No sub-agents have ended"), m.RANKS)


def costs() -> timeseries.Panel:
    about = "Dollars an hour, by agent."
    panel = p.areas("Spent an hour, by agent", about, p.over_time(q.COST_PER_HOUR_BY_AGENT, "{{agent}}")).interval("5m")
    return panel.unit(m.DOLLARS).links([to(COST)])


def lengths() -> timeseries.Panel:
    about = "How long sessions that ended had lasted: the half was shorter."
    panel = p.sparse("Duration of sessions", about, p.over_time(q.SESSION_MEDIAN, "median")).unit(m.SECONDS)
    return p.coloured(panel, m.RANKS)


def compacted() -> timeseries.Panel:
    about = "How many conversations were compacted from one bar to the next, by what asked for it."
    return p.bars("Compactions, by what asked for them", about, p.over_time(q.EACH_COMPACTION, "{{trigger}}"))


def projects() -> bargauge.Panel:
    about = "Sessions that began in each project, in the time that is shown."
    panel = p.ranking("Sessions, by project", about, p.at_the_end(q.SESSIONS_BY_PROJECT, "{{project}}"))
    return panel.decimals(0).span(12).height(6)


def workflows() -> bargauge.Panel:
    about = "Tasks of the chat servers that ended in each workflow, in the time that is shown, of all agents."
    panel = p.ranking("Tasks, by workflow", about, p.at_the_end(q.FINISHED_BY_WORKFLOW, "{{workflow}}")).decimals(0)
    return panel.span(12).height(6).no_value(m.NO_TASKS).links([to(TASKS)])
