from __future__ import annotations

from tests.dashboards.rule_cases.case import SERVER, TASKS_PAGE, Case, Fired, server

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
        "ClaudeTasksFailing", "the first four failures are the only tasks that finish",
        {TASKS_PAGE: "0x130", COMPLETED: "10x130", FAILED: "_x65 4x65"}, "100m",
        (Fired(
            "Most tasks fail on web-server", "100% of the tasks that finished in the last hour failed.", SERVER,
        ),),
    ),
    Case(
        "ClaudeTasksFailing", "four tasks failed while the server could not be scraped",
        {TASKS_PAGE: "0x20 _x60 0x60", COMPLETED: "10x20 _x60 10x60", FAILED: "1x20 _x60 5x60"}, "110m",
        (Fired(
            "Most tasks fail on web-server", "100% of the tasks that finished in the last hour failed.", SERVER,
        ),),
    ),
    Case(
        "ClaudeTasksFailing", "one in ten fails", {TASKS_PAGE: "0x130", COMPLETED: "0+9x130", FAILED: "0+1x130"}, "100m"
    ),
    Case(
        "ClaudeTasksFailing", "they failed before the first scrape",
        {TASKS_PAGE: "_x90 0x40", COMPLETED: "_x90 1x40", FAILED: "_x90 50x40"}, "120m",
    ),
    Case(
        "ClaudeTaskQueueStuck", "two tasks are ready, and a slot is free",
        {READY: "2x30", FREE: "1x30", BUSY: "2x30"}, "20m",
        (Fired(
            "Pending tasks do not start on web-server",
            "2 tasks have been ready to start for 15 minutes, although slots are free or no task has finished for an"
            " hour.",
            SERVER,
        ),),
    ),
    Case(
        "ClaudeTaskQueueStuck", "no task finishes, and one is ready",
        {TASKS_PAGE: "0x130", READY: "1x130", FREE: "0x130", BUSY: "3x130", COMPLETED: "7x130"}, "100m",
        (Fired(
            "Pending tasks do not start on web-server",
            "1 tasks have been ready to start for 15 minutes, although slots are free or no task has finished for an"
            " hour.",
            SERVER,
        ),),
    ),
    Case(
        "ClaudeTaskQueueStuck", "no task has ever finished, and all slots are busy",
        {TASKS_PAGE: "0x130", READY: "1x130", FREE: "0x130", BUSY: "3x130"}, "100m",
        (Fired(
            "Pending tasks do not start on web-server",
            "1 tasks have been ready to start for 15 minutes, although slots are free or no task has finished for an"
            " hour.",
            SERVER,
        ),),
    ),
    Case(
        "ClaudeTaskQueueStuck", "a server is new, and all slots are busy",
        {TASKS_PAGE: "_x60 0x60", READY: "_x60 1x60", FREE: "_x60 0x60", BUSY: "_x60 3x60"}, "90m",
    ),
    Case(
        "ClaudeTaskQueueStuck", "a message waits for the previous one of its conversation",
        {TASKS_PAGE: "0x130", READY: "0x130", FREE: "2x130", BUSY: "1x130"}, "100m",
    ),
    Case(
        "ClaudeTaskQueueStuck", "ready tasks start after a while",
        {TASKS_PAGE: "0x130", READY: "2x130", FREE: "0x130", BUSY: "3x130", COMPLETED: "0+1x130"}, "100m",
    ),
    Case(
        "HookmeterLoginAttack", "three wrong passwords per minute", {FAILURES: "0+3x20", LIMITED: "0x20"}, "15m",
        (Fired(
            "Many refused logins on web-server",
            "30 logins were refused in the last 10 minutes: somebody may be guessing passwords.",
            SERVER,
        ),),
    ),
    Case(
        "HookmeterLoginAttack", "a server is restarted during the attack",
        {FAILURES: "0+5x10 0+1x20", LIMITED: "0x10 7x20"}, "15m",
        (Fired(
            "Many refused logins on web-server",
            "36 logins were refused in the last 10 minutes: somebody may be guessing passwords.",
            SERVER,
        ),),
    ),
    Case("HookmeterLoginAttack", "a server is new to Prometheus", {FAILURES: "_x20 300x20"}, "25m"),
    Case("HookmeterLoginAttack", "many successes, some failures", {LOGINS: "0+50x20", FAILURES: "0+1x20"}, "15m"),
)  # fmt: skip
