"""The board Tasks: the queue, durations, outcomes and costs of tasks, and their success objective."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import TASKS
from dashboards.variables import SERVER, TASK_AGENT, WORKFLOW


def board() -> Board:
    return Board(
        TASKS,
        "now-24h",
        (SERVER, TASK_AGENT, WORKFLOW),
        (
            Section("Status and objective", (tasks(), slots(), success_rate(), error_budget(), cost(), retries())),
            Section("Queue and durations", (queue(), slot_use(), waits(), runs())),
            Section("Outcomes and cost", (outcomes(), burn_rate(), workflows(), workflow_costs(), incomplete_costs())),
        ),
    )


def tasks() -> stat.Panel:
    description = "Running tasks, and pending tasks, which wait for a free slot. Not filtered by agent and workflow."
    return p.stat_panel("Tasks", description, p.instant_query(q.UNFINISHED_TASKS, "{{status}}")).no_value(s.NO_TASKS)


def slots() -> stat.Panel:
    description = "Busy and free slots; each slot runs one task at a time. Not filtered by agent and workflow."
    return p.stat_panel("Slots", description, p.instant_query(q.SLOTS, "{{state}}")).no_value(s.NO_TASKS)


def success_rate() -> stat.Panel:
    description = (
        f"Share of the tasks finished in the selected range that completed; stopped tasks do not count. Objective:"
        f" {s.OBJECTIVE}."
    )
    panel = p.stat_panel("Success rate", description, p.instant_query(q.TASK_SUCCESS)).unit(s.RATIO).decimals(1)
    return panel.thresholds(s.SUCCESS_RATE).no_value(s.NO_TASKS)


def error_budget() -> stat.Panel:
    description = f"Share of the 30-day error budget of a {s.OBJECTIVE} objective that is left; below 0 it is missed."
    panel = p.stat_panel("Error budget left (30 days)", description, p.instant_query(q.TASK_ERROR_BUDGET_LEFT))
    return panel.unit(s.RATIO).decimals(0).thresholds(s.ERROR_BUDGET).no_value(s.NO_TASKS)


def cost() -> stat.Panel:
    description = (
        "Known cost of tasks divided by the number of finished tasks in the selected range; too low if there are runs"
        " with an incomplete cost, below."
    )
    panel = p.stat_panel("Cost per task", description, p.instant_query(q.COST_PER_TASK))
    return panel.unit(s.DOLLARS).no_value(s.NO_TASKS)


def retries() -> stat.Panel:
    description = "Finished runs in the selected range of tasks that had been run before."
    return p.stat_panel("Retries", description, p.instant_query(q.TASK_RETRIES)).decimals(0).no_value(s.NO_TASKS)


def queue() -> timeseries.Panel:
    description = "Pending tasks wait for a free slot. Not filtered by agent and workflow."
    panel = p.stacked_graph("Running and pending tasks", description, p.range_query(q.UNFINISHED_TASKS, "{{status}}"))
    return p.with_colors(panel.no_value(s.NO_TASKS), s.TASK_COLORS)


def slot_use() -> timeseries.Panel:
    description = (
        "Busy slots, and all slots as a line. Each slot runs one task at a time. Not filtered by agent and workflow."
    )
    panel = p.stacked_graph("Slots in use", description, p.range_query(q.SLOTS, "{{state}}")).no_value(s.NO_TASKS)
    return p.with_outline(p.with_colors(panel, s.SLOT_COLORS), "free")


def waits() -> timeseries.Panel:
    description = "p50 and p95 time that tasks waited in the queue. Not filtered by agent and workflow."
    p50, p95 = p.range_query(q.WAIT_P50, "p50"), p.range_query(q.WAIT_P95, "p95")
    panel = p.sparse_graph("Queue wait time", description, p50, p95).unit(s.SECONDS).no_value(s.NO_TASKS)
    return p.with_colors(panel, s.QUANTILE_COLORS)


def runs() -> timeseries.Panel:
    description = (
        "p50 (solid lines) and p95 (dashed lines) duration of completed and failed runs. Not filtered by agent and"
        " workflow."
    )
    p50 = p.range_query(q.RUN_P50_BY_STATUS, "{{status}} p50")
    p95 = p.range_query(q.RUN_P95_BY_STATUS, "{{status}} p95")
    panel = p.sparse_graph("Run duration", description, p50, p95).unit(s.SECONDS).no_value(s.NO_TASKS)
    return p.with_dashes(p.with_colors(panel, p.by_quantile(s.TASK_COLORS)), "B")


def outcomes() -> timeseries.Panel:
    description = "Tasks that finished per interval. Stopped: ended by a user."
    panel = p.bar_graph("Finished tasks by status", description, p.range_query(q.FINISHED_PER_INTERVAL, "{{status}}"))
    return p.with_colors(panel.no_value(s.NO_TASKS), s.TASK_COLORS)


def burn_rate() -> timeseries.Panel:
    description = (
        f"How fast failures use up the error budget of a {s.OBJECTIVE} objective, over 1 hour and 6 hours. At 1, the"
        " 30-day budget lasts 30 days; at 14, about 2 days."
    )
    fast, slow = p.range_query(q.TASK_BURN_RATE_1H, "1 hour"), p.range_query(q.TASK_BURN_RATE_6H, "6 hours")
    panel = p.line_graph("Error budget burn rate", description, fast, slow).unit(s.TIMES).no_value(s.NO_TASKS)
    return p.with_colors(p.with_threshold_lines(panel.thresholds(s.BURN_RATE)), s.BURN_RATE_COLORS)


def workflows() -> bargauge.Panel:
    description = (
        f"Share of the tasks of each workflow finished in the selected range that completed. Objective: {s.OBJECTIVE}."
    )
    query = p.instant_query(q.TASK_SUCCESS_BY_WORKFLOW, "{{workflow}}")
    panel = p.percent_gauge("Success rate by workflow", description, query).thresholds(s.SUCCESS_RATE)
    return panel.no_value(s.NO_TASKS).span(12).height(6)


def workflow_costs() -> bargauge.Panel:
    description = "Known cost of the tasks of each workflow in the selected range."
    query = p.instant_query(q.TASK_COST_BY_WORKFLOW, "{{workflow}}")
    panel = p.bar_gauge("Cost by workflow", description, query).unit(s.DOLLARS)
    return panel.span(8).height(6).no_value(s.NO_TASKS)


def incomplete_costs() -> stat.Panel:
    description = (
        "Finished runs in the selected range whose cost is unknown, or known only in part: they were killed before they"
        " reported it, or a model has no known price."
    )
    panel = p.stat_panel("Runs with incomplete cost", description, p.instant_query(q.INCOMPLETE_TASK_COSTS))
    return panel.span(4).height(6).decimals(0).no_value(s.NO_TASKS)
