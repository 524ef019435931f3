"""Tool calls: outcomes, durations, errors, running calls and commands in the background."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family, histogram_family
from exporter.counting.catalog import TOOL_CALL_DURATION, TOOL_CALLS, TOOL_ERRORS
from exporter.counting.rules import Exemplar
from exporter.counting.totals import Labels
from exporter.ingest.meter import Meter


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of tool calls."""
    state = meter.ledger.state

    def exemplar(labels: Labels, bucket: int) -> Exemplar | None:
        return state.exemplars.get((labels[0], bucket))

    yield counter_family(state.totals, TOOL_CALLS)
    yield counter_family(state.totals, TOOL_ERRORS)
    yield histogram_family(state.totals, TOOL_CALL_DURATION, exemplar)
    yield _in_flight(meter)
    yield GaugeMetricFamily(
        "claude_background_commands_running",
        "Commands that run in the background after their calls have returned, in sessions that have not ended.",
        meter.background_commands(),
    )


def _in_flight(meter: Meter) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "claude_tool_calls_in_flight",
        "Tool calls that have started and not ended, in sessions that are not completed; without commands in the"
        " background.",
        labels=("tool",),
    )
    totals, running = meter.ledger.state.totals, Counter[str]()
    for tools in meter.running_tools():
        for tool, number in tools.items():
            running[totals.bounded_value("tool", tool)] += number
    # Tools that were used before are exported as 0, so that their series do not end.
    for tool in sorted(totals.label_values.get("tool", set()) | running.keys()):
        family.add_metric((tool,), running[tool])
    return family
