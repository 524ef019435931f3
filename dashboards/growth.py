"""Exact increases of counters: over the selected range, and per interval of a graph."""

from __future__ import annotations

RANGE = "$__range"  # the selected range
INTERVAL = "$__interval"  # between two points of a graph
# From a multiple of the interval to the next one. Not `$__interval_ms`: Grafana's filters take it for a metric, and add
# their labels to it. Not in steps of a second, either: VictoriaMetrics refuses as many as a range of two days has.
LAST_MULTIPLE = f"last_over_time(vector(time())[{INTERVAL}:{INTERVAL}]"
SECONDS_OF_INTERVAL = f"(scalar({LAST_MULTIPLE})) - scalar({LAST_MULTIPLE} offset {INTERVAL})))"
# Series that every page has, from the first one on, of a target that exposes the counters.
EXPORTER, TASKS = 'hookmeter_read_lag_seconds{instance=~"$instance"}', 'claude_tasks{status="pending"}'
# Every label that a metric has of its own; all others belong to the target, whatever they are.
OWN_LABELS = (
    "agent, category, change, from_model, kind, label, language, le, model, outcome, project, reason, result, source,"
    " status, to_model, tool, trigger, workflow"
)
# Hidden variables of the boards (gaps.py), by the marker and the window: the targets with a gap at an end of the
# window or, where a graph moves the window, anywhere.
GAPS = {
    (EXPORTER, RANGE): "gaps",
    (EXPORTER, INTERVAL): "graph_gaps",
    (TASKS, RANGE): "server_gaps",
    (TASKS, "30d"): "server_gaps_30d",
    (TASKS, INTERVAL): "server_graph_gaps",
    (TASKS, "1h"): "server_graph_gaps",
    (TASKS, "6h"): "server_graph_gaps",
}
MAX_GAP = "5m"  # how old the last sample of a target without gaps may be
MAX_OUTAGE = "1d"  # for how long a target may be away and still continue from its last value
SIGN = "hookmeter_sign"  # a label that no target has
MAX_MISSED_SCRAPES = 2  # the parts of one page may differ by so many, in a store that ingests a page in pieces


def exact_increase(counter: str, marker: str = EXPORTER, window: str = RANGE) -> str:
    """The exact increase of each series over a window: its value at the end minus its value before the window.

    PromQL's `increase` ignores the first value of a series, so that the first error of its kind counts as none, and
    extrapolates the rest. Here a series that is new in the window counts in full if its target (the `marker`) was
    scraped before. That takes two short reads. Targets with gaps need more, and are asked separately. Not for counters
    that restart with their process.
    """
    gaps = f'"${GAPS[marker, window]}"'
    without, with_gaps = (with_matcher(counter, f"instance{operator}{gaps}") for operator in ("!~", "=~"))
    return f"({_without_gaps(without, marker, window)}\nor {_with_gaps(with_gaps, marker, window)})"


def _without_gaps(counter: str, marker: str, window: str) -> str:
    """The increase of targets that were scraped at both ends of the window.

    The values before the window are subtracted as series of their own, so that where there is none, nothing is: one
    read less than a subtraction that has to ask which series are new.
    """
    end, marker_end = (f"last_over_time({one}[{MAX_GAP}])" for one in (counter, marker))
    before, marker_before = (f"last_over_time({one}[{MAX_GAP}] offset {window})" for one in (counter, marker))
    return f"""sum without ({SIGN}) (
  {end} and ignoring ({OWN_LABELS}) {marker_before}
  or label_replace(-1 * ({before} and ignoring ({OWN_LABELS}) {marker_end}), "{SIGN}", "-", "", "")
)"""


def _with_gaps(counter: str, marker: str, window: str) -> str:
    """The increase of targets that were away at an end of the window, are new, or lost their ledger.

    A series that is new in the window counts in full where its target was scraped before the window and the series was
    not, or where it has fewer samples than its target. Otherwise it counts from its first value. A counter that fell
    with a lost ledger counts from its lowest value.
    """
    end, lowest = f"last_over_time({counter}[{window}])", f"min_over_time({counter}[{window}])"
    before, marker_before = (f"last_over_time({one}[{MAX_OUTAGE}] offset {window})" for one in (counter, marker))
    samples, marker_samples = (f"count_over_time({one}[{window}])" for one in (counter, marker))
    return f"""{end} - (
  {lowest} < {before}
  or {before}
  or {lowest} unless (
    {end} and ignoring ({OWN_LABELS}) {marker_before}
    or {samples} < ignoring ({OWN_LABELS}) group_left () ({marker_samples} - {MAX_MISSED_SCRAPES})
  )
  or 0 * {end}
)"""


def last_values(counter: str, marker: str = EXPORTER) -> str:
    """The values of a counter at the end of the selected range, also of targets that are away by then."""
    of_gaps = with_matcher(counter, f'instance=~"${GAPS[marker, RANGE]}"')
    return f"last_over_time({counter}[{MAX_GAP}] @ end()) or last_over_time({of_gaps}[{RANGE}] @ end())"


def with_matcher(selector: str, matcher: str) -> str:
    """A series selector with one more label matcher."""
    return f"{selector[:-1]}{'' if selector.endswith('{}') else ', '}{matcher}}}"


def sum_by(expression: str, labels: str = "") -> str:
    """The sum by some labels, or the sum of everything."""
    return f"sum by ({labels}) ({expression})" if labels else f"sum({expression})"


def per_interval(counter: str, by: str = "") -> str:
    """The increase of a counter per interval of a graph."""
    return sum_by(exact_increase(counter, window=INTERVAL), by)


def exact_rate(counter: str, marker: str = EXPORTER) -> str:
    """The exact increase of each series per second of an interval of a graph.

    PromQL's `rate` also ignores first values; VictoriaMetrics' divides by the age of a new series.
    """
    return f"{exact_increase(counter, marker, INTERVAL)} / {SECONDS_OF_INTERVAL}"


def per_second(counter: str, by: str = "") -> str:
    """The increase of a counter per second of an interval of a graph."""
    return sum_by(exact_rate(counter), by)


def in_range(counter: str, by: str = "") -> str:
    """The increase of a counter in the selected range."""
    return sum_by(exact_increase(counter), by)


def across_servers(increase: str, by: str = "") -> str:
    """The sum over tasks. Servers that share a database report the same values, so each counts once."""
    summed = sum_by(f"max by (status, agent, workflow) ({increase})", by)
    return f'label_replace({summed}, "{by}", "no {by}", "{by}", "")' if by else summed


def tasks_in_range(counter: str, by: str = "") -> str:
    """The increase of a counter of tasks in the selected range."""
    return across_servers(exact_increase(counter, TASKS), by)
