"""The record of an alert."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look: now, today, or at some point."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


# The variable of a board with exporters and servers, by the job of the alert.
VARIABLE_BY_JOB = '{{ if eq $labels.job "hookmeter-server" }}server{{ else }}instance{{ end }}'


class Board(StrEnum):
    """Uids of the boards to look at first."""

    AGENTS = "hookmeter-agents"
    COST = "hookmeter-cost"
    TOOLS = "hookmeter-tools"
    TASKS = "hookmeter-tasks"
    QUOTA = "hookmeter-quota"
    METER = "hookmeter-meter"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, whose runbook is docs/runbooks/<name>.md.

    It fires for each series of `expr` that has existed for the time `pending`. `$value` is the value of that series.
    """

    name: str
    severity: Severity
    board: Board
    expr: str
    pending: str
    summary: str
    description: str
    variable: str = "instance"  # of the board, to be set to the alert's instance
