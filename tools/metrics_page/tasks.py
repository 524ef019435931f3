"""What the page says of the metrics of tasks."""

from __future__ import annotations

from chatserver.tasks.records import ENDED, TaskStatus
from tools.metrics_page.records import Example, LabelText, MetricText, Section

HOW_IT_ENDED = LabelText("how the run ended", tuple(ENDED))
AGENT = LabelText("the agent that the task asks for, empty where it names none")
WORKFLOW = LabelText("the workflow that the task belongs to, empty where it names none")

TASKS = Section(
    "Tasks",
    (
        MetricText(
            "claude_tasks",
            "tasks",
            Example("tasks that wait or run", 'max by (status) (claude_tasks{status=~"pending|running"})'),
            labels={"status": LabelText("where the task is on its way", tuple(TaskStatus))},
        ),
        MetricText(
            "claude_tasks_ready",
            "tasks",
            Example("tasks that could begin, if a slot were free", "max(claude_tasks_ready)"),
            more="One whose conversation is busy with another waits for that, and is not among them.",
        ),
        MetricText(
            "claude_tasks_finished_total",
            "runs",
            Example(
                "runs that ended in the last day, by how",
                "sum by (status) (max by (status, agent, workflow) (increase(claude_tasks_finished_total[1d])))",
            ),
            labels={"status": HOW_IT_ENDED, "agent": AGENT, "workflow": WORKFLOW},
        ),
        MetricText(
            "claude_task_retries_total",
            "runs",
            Example(
                "how many of the runs of the last day were retries",
                "sum(max by (agent, workflow) (increase(claude_task_retries_total[1d])))",
            ),
            labels={"agent": AGENT, "workflow": WORKFLOW},
        ),
        MetricText(
            "claude_task_duration_seconds",
            "seconds",
            Example(
                "the 95th percentile of how long runs take, by how they end",
                "histogram_quantile(0.95, sum by (le, status) (rate(claude_task_duration_seconds_bucket[1h])))",
            ),
            labels={"status": HOW_IT_ENDED},
        ),
        MetricText(
            "claude_task_wait_seconds",
            "seconds",
            Example(
                "the 95th percentile of how long tasks wait",
                "histogram_quantile(0.95, sum by (le) (rate(claude_task_wait_seconds_bucket[1h])))",
            ),
        ),
        MetricText(
            "claude_task_cost_usd_total",
            "US dollars",
            Example(
                "dollars in the last day, by workflow",
                "sum by (workflow) (max by (agent, workflow) (increase(claude_task_cost_usd_total[1d])))",
            ),
            labels={"agent": AGENT, "workflow": WORKFLOW},
        ),
        MetricText(
            "claude_task_slots",
            "tasks",
            Example(
                "the share of slots that are busy", 'sum(claude_task_slots{state="busy"}) / sum(claude_task_slots)'
            ),
            labels={"state": LabelText("whether a task runs there", ("busy", "free"))},
        ),
    ),
    before="On the [server's](server.md) own `/metrics`; they come from its database, so that they survive restarts and"
    " deleted tasks. Servers on one database all say the same of them, but for the slots: take the `max` of several"
    " servers, not the `sum`.",
)
