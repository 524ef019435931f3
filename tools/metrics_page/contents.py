"""The whole page in its order: what it begins with, its sections, and what it ends with."""

from __future__ import annotations

from tools.metrics_page.agents import AGENTS
from tools.metrics_page.meter import METER
from tools.metrics_page.records import Example
from tools.metrics_page.server import SERVER
from tools.metrics_page.spending import SPENDING
from tools.metrics_page.tasks import TASKS

INTRO = """\
<!-- Written by `make docs`, from the metrics themselves and tools/metrics_page/: change those, not this. -->

# Every metric

Counters and histograms of agents and tasks go on where they stood, whatever is restarted, rotated or deleted; the
gauges say how things stand now. A label from the logs (`tool`, `agent`, `project`, `model`, `trigger`) takes at most
200 values (`--label-values`); what comes after counts as `other`, and `hookmeter_label_overflow_total` says of how many
events.
[What is counted how](counting.md) has the rules.
"""
SECTIONS = (AGENTS, SPENDING, TASKS, SERVER, METER)
MORE_EXAMPLES = (
    Example(
        "share of calls that failed, by tool",
        'sum by (tool) (rate(claude_tool_calls_total{outcome="error"}[1h]))'
        " / sum by (tool) (rate(claude_tool_calls_total[1h]))",
    ),
    Example(
        "calls that people refused today", 'sum by (tool) (increase(claude_tool_calls_total{outcome="denied"}[1d]))'
    ),
)
