"""Alerts on tool calls: failing, slow and stuck ones."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.alerting.record import Alert, Board, Severity
from dashboards.increases import known_before, recorded
from dashboards.promql import TARGET, all_of, total
from dashboards.recording import CALLS, CALLS_1H

SUCCESS_OBJECTIVE = 0.9  # of all tool calls; agents learn from some errors, so it is not 99%
RATIO_1H = "instance_tool:claude_tool_errors:ratio_rate1h"
P95_1H = "instance_tool:claude_tool_call_duration_seconds:p95_1h"
MIN_CALLS = 20  # below this, a ratio or a percentile is not significant
SLOW_FACTOR, MIN_SLOW_SECONDS = 3, 10
MAX_FAILED_RATIO, MIN_FAILING_CALLS = 0.5, 10
WAITING_TOOLS = "Agent|Task"  # which wait for a sub-agent, however long it works; its own calls may be stuck


@dataclass(frozen=True, slots=True)
class BurnRate:
    """A burn rate of the error budget that must be exceeded in two windows.

    The long window makes it significant, the short one shows that it continues.
    """

    long: str
    short: str
    factor: int

    @property
    def error_ratio(self) -> float:
        """The share of failed calls at this burn rate."""
        return round(self.factor * (1 - SUCCESS_OBJECTIVE), 4)

    @property
    def expr(self) -> str:
        """The error ratio in the long window, where both windows exceed the burn rate and there are enough calls."""
        windows = (self.long, self.short)
        ratios = (f"instance:claude_tool_errors:ratio_rate{window} > {self.error_ratio}" for window in windows)
        return all_of((*ratios, f"{total(CALLS_1H)} >= {MIN_CALLS}"))


FAST, SLOW = BurnRate("1h", "5m", 5), BurnRate("6h", "30m", 2)

ALERTS = (
    Alert(
        "ClaudeToolErrorsSurge",
        Severity.CRITICAL,
        Board.TOOLS,
        FAST.expr,
        "2m",
        "Most tool calls fail on {{ $labels.instance }}",
        f"{{{{ $value | humanizePercentage }}}} of the tool calls of the last hour failed, over {FAST.factor} times"
        f" what the objective of {SUCCESS_OBJECTIVE:.0%} allows, and calls are still failing.",
    ),
    Alert(
        "ClaudeToolErrorsHigh",
        Severity.WARNING,
        Board.TOOLS,
        SLOW.expr,
        "15m",
        "Many tool calls fail on {{ $labels.instance }}",
        f"{{{{ $value | humanizePercentage }}}} of the tool calls of the last 6 hours failed, over {SLOW.factor} times"
        f" what the objective of {SUCCESS_OBJECTIVE:.0%} allows, and calls are still failing.",
    ),
    Alert(
        "ClaudeToolFailing",
        Severity.WARNING,
        Board.TOOLS,
        all_of((f"{RATIO_1H} > {MAX_FAILED_RATIO}", f"{total(CALLS_1H, 'tool')} >= {MIN_FAILING_CALLS}"), "tool"),
        "10m",
        "{{ $labels.tool }} fails on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the {{ $labels.tool }} calls of the last hour failed.",
    ),
    Alert(
        "ClaudeToolSlow",
        Severity.WARNING,
        Board.TOOLS,
        all_of(
            (
                f"{P95_1H} > {MIN_SLOW_SECONDS}",
                f"{P95_1H} > {SLOW_FACTOR} * avg_over_time({P95_1H}[7d] offset 1h)",
                f"{total(CALLS_1H, 'tool')} >= {MIN_CALLS}",
            ),
            "tool",
        ),
        "15m",
        "{{ $labels.tool }} is slow on {{ $labels.instance }}",
        "The p95 duration of {{ $labels.tool }} calls in the last hour was {{ $value | humanizeDuration }}, more than"
        f" {SLOW_FACTOR} times the weekly average.",
    ),
    Alert(
        "ClaudeToolCallsStuck",
        Severity.INFO,
        Board.TOOLS,
        f'claude_tool_calls_in_flight{{tool!~"{WAITING_TOOLS}"}} > 0\n'
        f"unless on ({TARGET}, tool)\n{recorded(CALLS, '30m')}\nand on ({TARGET})\n{known_before('30m')}",
        "15m",
        "{{ $labels.tool }} calls do not end on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} {{ $labels.tool }} calls are in flight, and none has ended for 45 minutes. Agents'
        " may be waiting for an answer or a permission.",
    ),
)
