"""Alerts on the server's tasks, and on who tries to get in."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity
from dashboards.promql import BY, every, risen, total

ENDED_1H = "instance_status:claude_tasks_finished:increase1h"
FAILED_1H = f'{ENDED_1H}{{status="failed"}}'
FAILED_RATIO, FAILED_TASKS = 0.5, 3
LOGINS = 20
READY = "claude_tasks_ready > 0"
FREE = total('claude_task_slots{state="free"}') + " > 0"
NONE_ENDED = f"up == 1 unless on ({BY}) {total(ENDED_1H)} > 0"
REFUSED_LOGINS = 'hookmeter_logins_total{result=~"failure|limited"}'

ALERTS = (
    Alert(
        "ClaudeTasksFailing",
        Severity.WARNING,
        Board.TASKS,
        every(
            (
                f"instance:claude_tasks_failed:ratio1h > {FAILED_RATIO}",
                f"{total(FAILED_1H)} >= {FAILED_TASKS}",
            )
        ),
        "0m",
        "Most tasks fail on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the tasks that ended in the last hour have failed.",
        variable="server",
    ),
    Alert(
        "ClaudeTaskQueueStuck",
        Severity.WARNING,
        Board.TASKS,
        f"{READY}\nand on ({BY}) ({FREE} or {NONE_ENDED})",
        "15m",
        "Tasks wait on {{ $labels.instance }}, and none begins",
        '{{ $value | printf "%.0f" }} tasks that could begin have waited for 15 minutes, though slots are free or no'
        " task has ended for an hour.",
        variable="server",
    ),
    Alert(
        "HookmeterLoginAttack",
        Severity.WARNING,
        Board.METER,
        f"{risen(REFUSED_LOGINS, '10m')} > {LOGINS}",
        "0m",
        "Somebody tries passwords on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} log-ins were refused in 10 minutes.',
        variable="server",
    ),
)
