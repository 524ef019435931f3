"""Sub-agents: starts, ends and durations of their runs, and the running ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporter.collectors.families import counter_family, histogram_family
from exporter.counting.catalog import SUBAGENT_DURATION, SUBAGENTS_ENDED, SUBAGENTS_STARTED
from exporter.ingest.meter import Meter


def collect(meter: Meter) -> Iterator[Metric]:
    """Yield the metrics of sub-agents."""
    totals = meter.ledger.state.totals
    yield counter_family(totals, SUBAGENTS_STARTED)
    yield counter_family(totals, SUBAGENTS_ENDED)
    yield histogram_family(totals, SUBAGENT_DURATION)
    yield _running(meter)


def _running(meter: Meter) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "claude_subagents_running",
        "Sub-agents whose runs have started and not ended, in sessions that are not completed.",
        labels=("agent",),
    )
    totals, running = meter.ledger.state.totals, Counter[str]()
    for agents in meter.running_agents():
        for agent, number in agents.items():
            running[totals.bounded_value("agent", agent)] += number
    # Types that ran before are exported as 0, so that their series do not end.
    known = {labels[0] for name, labels in totals.counters if name == SUBAGENTS_STARTED.name}
    for agent in sorted(known | running.keys()):
        family.add_metric((agent,), running[agent])
    return family
