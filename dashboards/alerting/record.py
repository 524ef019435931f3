"""What an alert is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look: at once, today, or some time."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


# A variable of a board with several kinds of meters, by the kind that the alert is of.
EITHER = '{{ if eq $labels.job "hookmeter-server" }}server{{ else }}instance{{ end }}'


class Board(StrEnum):
    """The board on which to look first."""

    COST = "hookmeter-cost"
    TOOLS = "hookmeter-tools"
    TASKS = "hookmeter-tasks"
    QUOTA = "hookmeter-quota"
    METER = "hookmeter-meter"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; its runbook is docs/runbooks/<name>.md.

    It fires for each series of `expr`, once that is there for the time `hold`. `$value` is that series' value.
    """

    name: str
    severity: Severity
    board: Board
    expr: str
    hold: str
    summary: str
    description: str
    variable: str = "instance"  # of the board, that the alert's instance is a value of
