"""Exact increases of counters for rules, and the recording rules that have them for the last hour and the last day.

PromQL's `increase` and `rate` extrapolate to the edges of a window, ignore the first value of a new series (Prometheus)
or guess whether it counts (VictoriaMetrics), and report nothing of what happened while a target was away.
"""

from __future__ import annotations

from dashboards.promql import TARGET, Recording

# Series that every page of a target has: its samples are the scrapes that succeeded.
EXPORTER_PAGE, TASKS_PAGE = "hookmeter_read_lag_seconds", 'claude_tasks{status="pending"}'
MAX_AWAY = "6h"  # for how long a target may be away and still continue from its last value
# A store that receives a page in pieces has all of them by then.
PAGE_COMPLETE = "30s"
# The counters that keep their values when a process restarts, and all labels of each.
OF_EXPORTER = {
    "claude_sessions_started": "project",
    "claude_tool_calls": "tool, agent, outcome",
    "claude_tool_errors": "tool, category",
    "claude_lines_of_code": "language, change",
    "claude_commits": "",
    "claude_pull_requests": "",
    "claude_prompts": "",
    "claude_automatic_prompts": "source",
    "claude_permission_requests": "tool",
    "claude_compactions": "trigger",
    "claude_subagents_started": "agent",
    "claude_subagents_ended": "agent, outcome",
    "claude_tokens": "model, kind, agent, project",
    "claude_cost_usd": "model, agent, project",
    "claude_api_requests": "model",
    "claude_unpriced_tokens": "model",
    "claude_cache_savings_usd": "model",
    "claude_cache_premium_usd": "model",
    "claude_web_searches": "",
    "claude_api_errors": "status, outcome",
    "claude_api_retry_wait_seconds": "",
    "claude_model_fallbacks": "trigger, from_model, to_model",
    "hookmeter_lines": "source, result",
    "hookmeter_bytes_read": "source",
    "hookmeter_label_overflow": "label",
}
OF_TASKS = {
    "claude_tasks_finished": "status, agent, workflow",
    "claude_task_retries": "agent, workflow",
    "claude_task_cost_usd": "agent, workflow",
    "claude_task_incomplete_costs": "agent, workflow",
}
# Counters that start from 0 with their process.
OF_PROCESSES = {
    "hookmeter_ledger_write_errors": "",
    "hookmeter_logins": "result",
    "hookmeter_old_logs": "result",
    "hookmeter_streams_dropped": "",
    "hookmeter_streams_refused": "",
}


def by_series(function: str, selector: str, labels: str = "") -> str:
    """A function over a range, once for each series of a target, also if the labels of the target have changed."""
    aggregation = {"last_over_time": "max", "max_over_time": "max", "min_over_time": "min", "count_over_time": "sum"}
    by = ", ".join(filter(None, (TARGET, labels)))
    return f"{aggregation[function]} by ({by}) ({function}({selector}))"


def known_before(window: str, marker: str = EXPORTER_PAGE) -> str:
    """The targets that were scraped before a window."""
    return by_series("count_over_time", f"{marker}[{MAX_AWAY}] offset {window}")


def increase(counter: str, window: str, labels: str = "", marker: str = EXPORTER_PAGE) -> str:
    """The exact increase of each series of a counter over a window: its last value minus its value before the window.

    A series that a target did not have before counts from 0: it is missing before the window, or, where the target
    itself is new, from its first page. The series of that page count from their first value, because Prometheus cannot
    have seen what came before. A counter that fell with a lost ledger counts from its lowest value.

    Rules read this for all series of all hosts, so each range is read once: hence the minimum of labelled candidates.
    """
    end = by_series("last_over_time", f"{counter}[{window}]", labels)
    before = by_series("last_over_time", f"{counter}[{MAX_AWAY}] offset {window}", labels)
    complete = f"[{window}] offset {PAGE_COMPLETE}"
    samples = by_series("count_over_time", counter + complete, labels)
    pages = by_series("count_over_time", marker + complete)
    return f"""{end} - min by ({", ".join(filter(None, (TARGET, labels)))}) (
  label_replace(min_over_time({counter}[{window}]), "from", "lowest", "", "")
  or
  label_replace(
    {before}
    or
    0 * ({samples} < on ({TARGET}) group_left () (Inf * {known_before(window, marker)} or {pages})),
    "from", "before", "", ""
  )
)"""


def process_increase(counter: str, window: str, labels: str = "") -> str:
    """The exact increase of each series of a counter that restarts from 0 with its process, at most once in a window.

    All its series are on the first page of the process.
    """
    end, lowest, highest = (
        by_series(f, f"{counter}[{window}]", labels) for f in ("last_over_time", "min_over_time", "max_over_time")
    )
    before = by_series("last_over_time", f"{counter}[{MAX_AWAY}] offset {window}", labels)
    return f"""({highest} > {end}) - {before} + {end}
or {end} - ({before} <= {lowest})
or {end} - (0 * {before} or {lowest})"""


def recorded(counter: str, window: str) -> str:
    """The name of the recording rule with the increases of a counter."""
    return f"series:{counter}:increase{window}"


def increases(
    window: str, counters: dict[str, str] = OF_EXPORTER, marker: str = EXPORTER_PAGE
) -> tuple[Recording, ...]:
    """Recording rules with the increases of counters, of the series that have increased."""
    return tuple(
        Recording(recorded(name, window), f"({increase(f'{name}_total', window, labels, marker)}) > 0")
        for name, labels in counters.items()
    )


def process_increases(window: str) -> tuple[Recording, ...]:
    """Recording rules with the increases of the counters that start from 0 with their process."""
    return tuple(
        Recording(recorded(name, window), f"({process_increase(f'{name}_total', window, labels)}) > 0")
        for name, labels in OF_PROCESSES.items()
    )


HOUR, DAY = (
    (*increases(window), *increases(window, OF_TASKS, TASKS_PAGE), *process_increases(window))
    for window in ("1h", "1d")
)
