"""How much counters grew by, exactly: in the time that a board shows, and from one bar of a graph to the next."""

from __future__ import annotations

RANGE = "$__range"  # the time that the board shows
STEP = "$__interval"  # of a graph, from one point to the next
# What stands on each page of a meter that has the counters, from its first on.
EXPORTER, TASKS = 'hookmeter_read_lag_seconds{instance=~"$instance"}', 'claude_tasks{status="pending"}'
# Every label that a metric has of itself. What is left is the target's, whatever labels somebody gives it.
OWN_LABELS = (
    "agent, category, kind, label, le, model, outcome, project, result, source, status, tool, trigger, workflow"
)
OUTAGE = "1d"  # for how long a meter may be away and still go on where it stood
MISSED_SCRAPES = 2  # of which another part of the same page may tell, in a store that takes a page bit by bit


def grown(counter: str, meter: str = EXPORTER, window: str = RANGE) -> str:
    """What each series of a counter grew by in a window of time, exactly: its value at the end, less the one before.

    `increase` would leave out what a series is born with, so that the first error of its kind were none, and guess at
    the rest. Where the meter was there before the window and the series was not, or where it was scraped less often
    since the meter came, it was born in the window, and counts whole; else it counts from where it is found first. One
    that has fallen, with a ledger that was lost, counts from its lowest. Not for what begins anew with a process.
    """
    end, lowest = f"last_over_time({counter}[{window}])", f"min_over_time({counter}[{window}])"
    before, meter_before = (f"last_over_time({one}[{OUTAGE}] offset {window})" for one in (counter, meter))
    scrapes, of_meter = (f"count_over_time({one}[{window}])" for one in (counter, meter))
    return f"""{end} - (
  {lowest} < {before}
  or {before}
  or {lowest} unless (
    {end} and ignoring ({OWN_LABELS}) {meter_before}
    or {scrapes} < ignoring ({OWN_LABELS}) group_left () ({of_meter} - {MISSED_SCRAPES})
  )
  or 0 * {end}
)"""


def total(growing: str, by: str = "") -> str:
    """The sum, for each value of some labels or of all."""
    return f"sum by ({by}) ({growing})" if by else f"sum({growing})"


def each(counter: str, by: str = "") -> str:
    """What a counter grew by from one bar of a graph to the next."""
    return total(grown(counter, window=STEP), by)


def in_range(counter: str, by: str = "") -> str:
    """What a counter grew by in the time that the board shows."""
    return total(grown(counter), by)


def of_servers(growing: str, by: str = "") -> str:
    """The sum of what tasks grew by. Servers on one database all say the same, so that it counts once."""
    summed = total(f"max by (status, agent, workflow) ({growing})", by)
    return f'label_replace({summed}, "{by}", "no {by}", "{by}", "")' if by else summed


def tasks_in_range(counter: str, by: str = "") -> str:
    """What tasks grew by in the time that the board shows."""
    return of_servers(grown(counter, TASKS), by)
