"""Overview: is it working, what runs now, what does it cost, what is failing; the way into the others."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import AGENTS, COST, METER, OVERVIEW, QUOTA, TASKS, TOOLS, narrowed, to
from dashboards.variables import AGENT, INSTANCE, MODEL, PROJECT, TOOL


def board() -> Board:
    """The board."""
    return Board(
        OVERVIEW,
        "now-24h",
        (INSTANCE, PROJECT, AGENT, MODEL, TOOL),
        (
            Section("Is it working?", (exporters_down(), alerts(), behind(), malformed(), quota())),
            Section(
                "What runs now, and what does it cost?",
                (sessions(), in_flight(), tasks(), spent(), in_this_time(), budget(), calls(), spending()),
            ),
            Section("What is failing?", (error_ratio(), errors(), error_ratios())),
        ),
    )


def exporters_down() -> stat.Panel:
    panel = p.big(
        "Exporters down", "Exporters that Prometheus cannot reach.", p.over_time(q.EXPORTERS_DOWN, "down")
    ).span(3)
    return panel.thresholds(m.NONE_IS_A_MUST).no_value("No exporter is scraped").links([to(METER)])


def alerts() -> stat.Panel:
    panel = p.big("Alerts firing", "Alerts that fire at this moment.", p.over_time(q.ALERTS_FIRING, "firing"))
    return panel.thresholds(m.NONE_IS_A_MUST).span(3)


def behind() -> stat.Panel:
    about = "For how long there have been lines that are not counted yet; 0 when all are."
    panel = p.big("Behind by", about, p.over_time(q.READ_LAG, "lag")).unit(m.SECONDS).span(3)
    return panel.thresholds(m.LAG).links([to(METER)])


def malformed() -> stat.Panel:
    about = "Log lines that could not be read, in the time that is shown."
    panel = p.big("Malformed lines", about, p.at_the_end(q.MALFORMED)).decimals(0).span(3)
    return panel.thresholds(m.NONE_IS_WELL).links([to(METER)])


def quota() -> bargauge.Panel:
    panel = p.filled(
        "Quota used", "How much of its windows the subscription has used.", p.at_the_end(q.QUOTA_USED, "{{window}}")
    )
    panel.thresholds(m.QUOTA)
    return p.called(panel.span(12).height(4).no_value(m.NO_QUOTA).links([to(QUOTA)]), m.WINDOWS)


def sessions() -> stat.Panel:
    about = "Sessions with a line in the last 5 minutes or a call that runs (active), or in the last hour (idle)."
    return p.big("Sessions", about, p.over_time(q.SESSIONS_NOW, "{{status}}")).links([to(AGENTS)])


def in_flight() -> stat.Panel:
    about = "Tool calls that have begun and not ended."
    panel = p.big("Calls in flight", about, p.over_time(q.CALLS_IN_FLIGHT, "calls"))
    return p.sparkling(panel).links([to(TOOLS)])


def tasks() -> stat.Panel:
    about = "Tasks of the chat server that run, and that wait to."
    panel = p.big("Tasks", about, p.over_time(q.TASKS_OPEN, "{{status}}")).no_value("No chat server is scraped")
    return panel.links([to(TASKS)])


def calls() -> timeseries.Panel:
    about = "Tool calls a minute, by how they ended."
    panel = p.areas(
        "Tool calls a minute, by how they ended", about, p.over_time(q.CALLS_BY_OUTCOME, "{{outcome}}")
    ).unit(m.PER_MINUTE)
    return p.coloured(panel.span(12).height(8).links([to(TOOLS)]), m.OUTCOMES)


def spent() -> stat.Panel:
    about = "What was spent in the present calendar day and month, at list prices."
    panel = p.big("Spent", about, p.at_the_end(q.SPENT, "{{period}}")).unit(m.DOLLARS).links([to(COST)])
    return p.called(panel, m.PERIODS)


def in_this_time() -> stat.Panel:
    about = "What was spent in the time that is shown, by what the variables select."
    return p.big("In this time", about, p.at_the_end(q.COST_IN_RANGE)).unit(m.DOLLARS).links([to(COST)])


def budget() -> stat.Panel:
    about = "How much of the budgets of today and of this month is spent."
    panel = p.big("Budget used", about, p.at_the_end(q.BUDGET_USED, "{{period}}")).unit(m.SHARE).decimals(0)
    panel.thresholds(m.QUOTA_AT_RESET).no_value(m.NO_BUDGET).links([to(COST)])
    return p.called(panel, m.PERIODS)


def spending() -> timeseries.Panel:
    about = "Dollars an hour, by project."
    panel = p.areas("Spent an hour, by project", about, p.over_time(q.COST_PER_HOUR_BY_PROJECT, "{{project}}"))
    return panel.unit(m.DOLLARS).interval("5m").links([to(COST)])


def error_ratio() -> stat.Panel:
    about = "The share of tool calls that ended in an error, in the time that is shown."
    panel = p.big("Calls that failed", about, p.at_the_end(q.ERROR_RATIO)).unit(m.SHARE).decimals(1)
    return panel.thresholds(m.ERRORS).height(8).links([to(TOOLS)])


def errors() -> table.Panel:
    about = "What failed most often in the time that is shown, and why. A tool leads to its board."
    columns = {"tool": "Tool", "category": "Reason", "Value": "Errors"}
    panel = p.listing("Errors", about, p.rows(q.WORST_ERRORS), columns).span(8).decimals(0).links([to(TOOLS)])
    return p.leading(panel, "Tool", narrowed(TOOLS, "tool", "Tool", ("datasource", "instance", "agent")))


def error_ratios() -> bargauge.Panel:
    about = "The share of each tool's calls that ended in an error, in the time that is shown."
    panel = p.filled("Share of calls that failed, by tool", about, p.at_the_end(q.WORST_TOOLS, "{{tool}}"))
    return panel.thresholds(m.ERRORS).span(12).no_value("No call has failed").links([to(TOOLS)])
