"""Tasks: how long they wait and run, how they end, what they cost, and whether the objective holds."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, stat, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import TASKS
from dashboards.variables import SERVER, TASK_AGENT, WORKFLOW


def board() -> Board:
    """The board."""
    return Board(
        TASKS,
        "now-24h",
        (SERVER, TASK_AGENT, WORKFLOW),
        (
            Section("Do they run, and end well?", (open_tasks(), slots(), success(), budget_left(), cost(), retries())),
            Section("How long do they wait and run?", (queue(), use(), waits(), runs())),
            Section("How do they end?", (endings(), burn(), workflows(), workflow_costs())),
        ),
    )


def open_tasks() -> stat.Panel:
    about = "Tasks that run, and that wait to."
    return p.big("Tasks", about, p.over_time(q.TASKS_BY_STATUS, "{{status}}")).no_value(m.NO_TASKS)


def slots() -> stat.Panel:
    about = "How many tasks the servers run, and how many more they could."
    return p.big("Slots", about, p.over_time(q.SLOTS, "{{state}}")).no_value(m.NO_TASKS)


def success() -> stat.Panel:
    about = f"The share of tasks that were completed, of those that nobody stopped. The objective is {m.OBJECTIVE}."
    panel = p.big("Completed", about, p.at_the_end(q.TASK_SUCCESS)).unit(m.SHARE).decimals(1)
    return panel.thresholds(m.OBJECTIVE_MET).no_value(m.NO_TASKS)


def budget_left() -> stat.Panel:
    about = (
        f"What is left, over 30 days, of the failures that an objective of {m.OBJECTIVE} allows; below 0 it is missed."
    )
    panel = p.big("Failures left in 30 days", about, p.at_the_end(q.TASK_ERROR_BUDGET_LEFT)).unit(m.SHARE).decimals(0)
    return panel.thresholds(m.FAILURES_LEFT).no_value(m.NO_TASKS)


def cost() -> stat.Panel:
    about = "What tasks cost in the time that is shown, by the number of those that ended in it."
    return p.big("Cost of a task", about, p.at_the_end(q.COST_PER_TASK)).unit(m.DOLLARS).no_value(m.NO_TASKS)


def retries() -> stat.Panel:
    about = "Runs that ended in the time that is shown, of tasks that had been run before."
    return p.big("Run again", about, p.at_the_end(q.TASK_RETRIES)).decimals(0).no_value(m.NO_TASKS)


def queue() -> timeseries.Panel:
    about = "Tasks that ran and that waited."
    panel = p.areas("Tasks that run and wait", about, p.over_time(q.TASKS_BY_STATUS, "{{status}}")).no_value(m.NO_TASKS)
    return p.coloured(panel, m.TASKS)


def use() -> timeseries.Panel:
    about = "How many tasks the servers ran, and how many more they could have."
    panel = p.areas("Slots in use", about, p.over_time(q.SLOTS, "{{state}}")).no_value(m.NO_TASKS)
    return p.outlined(p.coloured(panel, m.SLOTS), "free")


def waits() -> timeseries.Panel:
    about = "How long tasks waited in the queue: the half waited shorter, and all but one in twenty."
    half, most = p.over_time(q.WAIT_MEDIAN, "median"), p.over_time(q.WAIT_P95, "95 %")
    panel = p.sparse("Wait in the queue", about, half, most).unit(m.SECONDS).no_value(m.NO_TASKS)
    return p.coloured(panel, m.RANKS)


def runs() -> timeseries.Panel:
    about = "How long runs took that nobody stopped: the half ran shorter (lines), and all but one in twenty (dashes)."
    half = p.over_time(q.RUN_MEDIAN_BY_STATUS, "{{status}}, median")
    most = p.over_time(q.RUN_P95_BY_STATUS, "{{status}}, 95 %")
    panel = p.sparse("Duration of runs", about, half, most).unit(m.SECONDS).no_value(m.NO_TASKS)
    return p.dashed(p.coloured(panel, p.by_rank(m.TASKS)), "B")


def endings() -> timeseries.Panel:
    about = "How many tasks ended from one bar to the next, by how."
    panel = p.bars("Tasks that ended", about, p.over_time(q.EACH_TASK_FINISHED, "{{status}}"))
    return p.coloured(panel.no_value(m.NO_TASKS), m.TASKS)


def burn() -> timeseries.Panel:
    about = (
        f"How many times faster tasks fail than an objective of {m.OBJECTIVE} allows, over the last hour and over six."
        " At 1, what is allowed in 30 days is used up in 30 days; at 14, in two."
    )
    fast, slow = p.over_time(q.TASK_BURN_FAST, "1 hour"), p.over_time(q.TASK_BURN_SLOW, "6 hours")
    panel = p.lines("Burn rate of the objective", about, fast, slow).unit(m.TIMES).no_value(m.NO_TASKS)
    panel.thresholds(m.BURN)
    return p.coloured(p.drawn_at_thresholds(panel), m.BURNS)


def workflows() -> bargauge.Panel:
    about = (
        f"The share of each workflow's tasks that were completed, in the time that is shown; {m.OBJECTIVE} are wanted."
    )
    query = p.at_the_end(q.TASK_SUCCESS_BY_WORKFLOW, "{{workflow}}")
    panel = p.filled("Completed, by workflow", about, query).thresholds(m.OBJECTIVE_MET).no_value(m.NO_TASKS)
    return panel.span(12).height(6)


def workflow_costs() -> bargauge.Panel:
    about = "What the tasks of each workflow cost in the time that is shown."
    query = p.at_the_end(q.TASK_COST_BY_WORKFLOW, "{{workflow}}")
    return p.ranking("Cost, by workflow", about, query).unit(m.DOLLARS).span(12).height(6).no_value(m.NO_TASKS)
