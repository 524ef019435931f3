"""Alerts on what agents do: calls that fail, drag on, or never end."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.alerting.record import Alert, Board, Severity
from dashboards.promql import BY, every, increase, total

SUCCESS_OBJECTIVE = 0.9  # of all tool calls; agents learn from some errors, so it is no 99 %
CALLS = "claude_tool_calls_total"
CALLS_1H = "instance_tool:claude_tool_calls:increase1h"
RATIO_1H = "instance_tool:claude_tool_errors:ratio_rate1h"
P95_1H = "instance_tool:claude_tool_call_duration_seconds:p95_1h"
FEW_CALLS = 20  # below so many, a ratio or a percentile says little
SLOWER, SLOW_SECONDS = 3, 10
FAILING_RATIO, FAILING_CALLS = 0.5, 10


@dataclass(frozen=True, slots=True)
class Burn:
    """Two windows in both of which errors use up what the objective allows so many times too fast.

    The long one shows that it matters, the short one that it goes on.
    """

    long: str
    short: str
    times: int

    @property
    def ratio(self) -> float:
        """The share of errors that is this fast."""
        return round(self.times * (1 - SUCCESS_OBJECTIVE), 4)

    @property
    def expr(self) -> str:
        """The share of errors in the long window, where both are above it and calls are not few."""
        windows = (self.long, self.short)
        ratios = (f"instance:claude_tool_errors:ratio_rate{window} > {self.ratio}" for window in windows)
        return every((*ratios, f"{total(CALLS_1H)} >= {FEW_CALLS}"))


FAST, SLOW = Burn("1h", "5m", 5), Burn("6h", "30m", 2)

ALERTS = (
    Alert(
        "ClaudeToolErrorsSurge",
        Severity.CRITICAL,
        Board.TOOLS,
        FAST.expr,
        "2m",
        "Most tool calls fail on {{ $labels.instance }}",
        f"{{{{ $value | humanizePercentage }}}} of the tool calls of the last hour failed, over {FAST.times} times what"
        f" the objective of {SUCCESS_OBJECTIVE:.0%} allows, and they still do.",
    ),
    Alert(
        "ClaudeToolErrorsHigh",
        Severity.WARNING,
        Board.TOOLS,
        SLOW.expr,
        "15m",
        "Many tool calls fail on {{ $labels.instance }}",
        f"{{{{ $value | humanizePercentage }}}} of the tool calls of the last 6 hours failed, over {SLOW.times} times"
        f" what the objective of {SUCCESS_OBJECTIVE:.0%} allows, and they still do.",
    ),
    Alert(
        "ClaudeToolFailing",
        Severity.WARNING,
        Board.TOOLS,
        every((f"{RATIO_1H} > {FAILING_RATIO}", f"{CALLS_1H} >= {FAILING_CALLS}"), "tool"),
        "10m",
        "{{ $labels.tool }} fails on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the calls of {{ $labels.tool }} failed in the last hour.",
    ),
    Alert(
        "ClaudeToolSlow",
        Severity.WARNING,
        Board.TOOLS,
        every(
            (
                f"{P95_1H} > {SLOW_SECONDS}",
                f"{P95_1H} > {SLOWER} * avg_over_time({P95_1H}[7d] offset 1h)",
                f"{CALLS_1H} >= {FEW_CALLS}",
            ),
            "tool",
        ),
        "15m",
        "{{ $labels.tool }} is slow on {{ $labels.instance }}",
        "One call of {{ $labels.tool }} in twenty took longer than {{ $value | humanizeDuration }} in the last hour,"
        f" more than {SLOWER} times what is usual in a week.",
    ),
    Alert(
        "ClaudeToolCallsStuck",
        Severity.INFO,
        Board.TOOLS,
        f"claude_tool_calls_in_flight > 0\nunless on ({BY}, tool)\n{increase(CALLS, '30m', 'tool')} > 0",
        "15m",
        "Calls of {{ $labels.tool }} do not end on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} calls of {{ $labels.tool }} are open, and none has ended for 45 minutes. Agents'
        " may wait for somebody's answer.",
    ),
)
