"""Alerts on the chat server: its tasks and its logins."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity
from dashboards.increases import TASKS_PAGE, known_before, process_increase
from dashboards.promql import TARGET, all_of, total
from dashboards.recording import FINISHED_1H

FAILED_1H = f'{FINISHED_1H}{{status="failed"}}'
MAX_FAILED_RATIO, MIN_FAILED_TASKS = 0.5, 3
MAX_REFUSED_LOGINS = 20
READY = "claude_tasks_ready > 0"
FREE_SLOTS = total('claude_task_slots{state="free"}') + " > 0"
NONE_FINISHED = f"{known_before('1h', TASKS_PAGE)} unless on ({TARGET}) {FINISHED_1H}"
REFUSED_LOGINS = 'hookmeter_logins_total{result=~"failure|limited"}'

ALERTS = (
    Alert(
        "ClaudeTasksFailing",
        Severity.WARNING,
        Board.TASKS,
        all_of(
            (
                f"instance:claude_tasks_failed:ratio1h > {MAX_FAILED_RATIO}",
                f"{total(FAILED_1H)} >= {MIN_FAILED_TASKS}",
            )
        ),
        "0m",
        "Most tasks fail on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the tasks that finished in the last hour failed.",
        variable="server",
    ),
    Alert(
        "ClaudeTaskQueueStuck",
        Severity.WARNING,
        Board.TASKS,
        f"{READY}\nand on ({TARGET}) ({FREE_SLOTS} or {NONE_FINISHED})",
        "15m",
        "Pending tasks do not start on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} tasks have been ready to start for 15 minutes, although slots are free or no task'
        " has finished for an hour.",
        variable="server",
    ),
    Alert(
        "HookmeterLoginAttack",
        Severity.WARNING,
        Board.METER,
        f"{total(process_increase(REFUSED_LOGINS, '10m', 'result'))} > {MAX_REFUSED_LOGINS}",
        "0m",
        "Many refused logins on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} logins were refused in the last 10 minutes: somebody may be guessing passwords.',
        variable="server",
    ),
)
