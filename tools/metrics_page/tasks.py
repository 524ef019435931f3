"""Tasks of the server."""

from __future__ import annotations

from chatserver.tasks.records import ENDED, TaskStatus
from tools.metrics_page.records import Example, LabelText, MetricText, Section

FINAL_STATUS = LabelText("the final status of the run", tuple(ENDED))
AGENT = LabelText("the agent that the task requests; empty if none")
WORKFLOW = LabelText("the workflow that the task belongs to; empty if none")

TASKS = Section(
    "Tasks",
    (
        MetricText(
            "claude_tasks",
            "tasks",
            Example("pending and running tasks", 'max by (status) (claude_tasks{status=~"pending|running"})'),
            labels={"status": LabelText("the current status of the task", tuple(TaskStatus))},
        ),
        MetricText(
            "claude_tasks_ready",
            "tasks",
            Example("tasks ready to start", "max(claude_tasks_ready)"),
            more="A task that waits for another task of its conversation is not included.",
        ),
        MetricText(
            "claude_tasks_finished_total",
            "runs",
            Example(
                "runs that ended in the last day, by final status",
                "sum by (status) (max by (status, agent, workflow) (series:claude_tasks_finished:increase1d))",
            ),
            labels={"status": FINAL_STATUS, "agent": AGENT, "workflow": WORKFLOW},
            more="A task that is stopped before it starts has no run; the dashboard counts it as stopped.",
        ),
        MetricText(
            "claude_task_retries_total",
            "runs",
            Example(
                "retries in the last day",
                "sum(max by (agent, workflow) (series:claude_task_retries:increase1d))",
            ),
            labels={"agent": AGENT, "workflow": WORKFLOW},
        ),
        MetricText(
            "claude_task_duration_seconds",
            "seconds",
            Example(
                "95th percentile of the run duration in the last hour, by final status",
                "max by (status) (instance_status:claude_task_duration_seconds:p95_1h)",
            ),
            labels={"status": FINAL_STATUS},
        ),
        MetricText(
            "claude_task_wait_seconds",
            "seconds",
            Example(
                "95th percentile of the time in the queue in the last hour",
                "max(instance:claude_task_wait_seconds:p95_1h)",
            ),
        ),
        MetricText(
            "claude_task_cost_usd_total",
            "US dollars",
            Example(
                "cost of the last day, by workflow",
                "sum by (workflow) (max by (agent, workflow) (series:claude_task_cost_usd:increase1d))",
            ),
            labels={"agent": AGENT, "workflow": WORKFLOW},
            more="It lacks what is not known of the cost of the runs that `claude_task_incomplete_costs_total` counts.",
        ),
        MetricText(
            "claude_task_incomplete_costs_total",
            "runs",
            Example(
                "runs of the last day whose cost is not wholly known",
                "sum(max by (agent, workflow) (series:claude_task_incomplete_costs:increase1d))",
            ),
            labels={"agent": AGENT, "workflow": WORKFLOW},
            more="Such a run was killed before Claude Code reported its cost, and its transcript is missing, may lack"
            " the last request or has tokens of models without a known price.",
        ),
        MetricText(
            "claude_task_slots",
            "tasks",
            Example("share of busy slots", 'sum(claude_task_slots{state="busy"}) / sum(claude_task_slots)'),
            labels={"state": LabelText("whether a task is running in the slot", ("busy", "free"))},
        ),
    ),
    before="Exported by the [server](server.md) on its `/metrics`. They come from its database and survive restarts"
    " and deleted tasks. All servers with the same database export the same values except for the slots: aggregate them"
    " with `max`, not with `sum`.",
)
