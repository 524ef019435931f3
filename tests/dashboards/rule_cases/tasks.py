from __future__ import annotations

from tests.dashboards.rule_cases.case import SERVER, Case, Fired, server

UP = server("up")
FAILED = server("claude_tasks_finished_total", status="failed", agent="main", workflow="nightly")
COMPLETED = server("claude_tasks_finished_total", status="completed", agent="main", workflow="nightly")
READY = server("claude_tasks_ready")
FREE = server("claude_task_slots", state="free")
BUSY = server("claude_task_slots", state="busy")
FAILURES = server("hookmeter_logins_total", result="failure")
LIMITED = server("hookmeter_logins_total", result="limited")
LOGINS = server("hookmeter_logins_total", result="success")

CASES = (
    Case(
        "ClaudeTasksFailing", "the first four tasks to fail are all that end",
        {UP: "1x130", COMPLETED: "10x130", FAILED: "_x65 4x65"}, "100m",
        (Fired(
            "Most tasks fail on web-server", "100% of the tasks that ended in the last hour have failed.", SERVER,
        ),),
    ),
    Case(
        "ClaudeTasksFailing", "one in ten fails", {UP: "1x130", COMPLETED: "0+9x130", FAILED: "0+1x130"}, "100m"
    ),
    Case(
        "ClaudeTasksFailing", "they failed before Prometheus knew the server",
        {UP: "_x90 1x40", COMPLETED: "_x90 1x40", FAILED: "_x90 50x40"}, "120m",
    ),
    Case(
        "ClaudeTaskQueueStuck", "two tasks wait beside a free slot",
        {READY: "2x30", FREE: "1x30", BUSY: "2x30"}, "20m",
        (Fired(
            "Tasks wait on web-server, and none begins",
            "2 tasks that could begin have waited for 15 minutes, though slots are free or no task has ended for an"
            " hour.",
            SERVER,
        ),),
    ),
    Case(
        "ClaudeTaskQueueStuck", "no task ends, and one waits",
        {UP: "1x130", READY: "1x130", FREE: "0x130", BUSY: "3x130", COMPLETED: "7x130"}, "100m",
        (Fired(
            "Tasks wait on web-server, and none begins",
            "1 tasks that could begin have waited for 15 minutes, though slots are free or no task has ended for an"
            " hour.",
            SERVER,
        ),),
    ),
    Case(
        "ClaudeTaskQueueStuck", "no task has ever ended, and all slots are busy",
        {UP: "1x130", READY: "1x130", FREE: "0x130", BUSY: "3x130"}, "100m",
        (Fired(
            "Tasks wait on web-server, and none begins",
            "1 tasks that could begin have waited for 15 minutes, though slots are free or no task has ended for an"
            " hour.",
            SERVER,
        ),),
    ),
    Case(
        "ClaudeTaskQueueStuck", "a message waits for the one before it in its conversation",
        {UP: "1x130", READY: "0x130", FREE: "2x130", BUSY: "1x130"}, "100m",
    ),
    Case(
        "ClaudeTaskQueueStuck", "tasks wait for their turn, which comes",
        {UP: "1x130", READY: "2x130", FREE: "0x130", BUSY: "3x130", COMPLETED: "0+1x130"}, "100m",
    ),
    Case(
        "HookmeterLoginAttack", "three passwords a minute are wrong", {FAILURES: "0+3x20", LIMITED: "0x20"}, "15m",
        (Fired(
            "Somebody tries passwords on web-server", "30 log-ins were refused in 10 minutes.", SERVER,
        ),),
    ),
    Case("HookmeterLoginAttack", "many log in, some mistype", {LOGINS: "0+50x20", FAILURES: "0+1x20"}, "15m"),
)  # fmt: skip
