"""The targets that `exact_increase` has to ask more about, as queries of hidden variables."""

from __future__ import annotations

from dashboards.growth import EXPORTER, GAPS, INTERVAL, MAX_GAP, MAX_OUTAGE, RANGE, TASKS

# A target has no gap while a sample of it is at most so old. That is less than MAX_GAP by more than two steps, because
# panels may be asked a little later than variables, and the steps may miss an end of an outage. VictoriaMetrics refuses
# more than 100,000 steps; 90 days have 97,200.
MAX_AGE, STEP = "2m", "80s"
STEP_SECONDS, DAY_SECONDS, MAX_GAP_SECONDS = 80, 86400, 300
RANGE_SECONDS = "$__range_ms / 1000"
INSTANCE_OF_RESULT = '/instance="([^"]+)"/'  # in the text that Grafana makes of a series
COLLECTORS = 'hookmeter_collector_success{instance=~"$instance"}'
LEDGER_CREATED = 'hookmeter_ledger_created_timestamp_seconds{instance=~"$instance"}'


def gap_queries() -> dict[str, str]:
    """The query of each hidden variable, by its name."""
    return {
        GAPS[EXPORTER, RANGE]: _targets(_away(EXPORTER, RANGE), _only_history(), *_incomplete(RANGE)),
        GAPS[EXPORTER, INTERVAL]: _targets(
            _away(EXPORTER, RANGE), _only_history(), *_away_between(EXPORTER), *_ever_incomplete()
        ),
        GAPS[TASKS, RANGE]: _targets(_away(TASKS, RANGE), _reset(RANGE)),
        GAPS[TASKS, "30d"]: _targets(_away(TASKS, "30d"), _reset("30d")),
        GAPS[TASKS, INTERVAL]: _targets(_away(TASKS, RANGE), *_away_between(TASKS), _reset(RANGE), _reset_before()),
    }


def _targets(*conditions: str) -> str:
    return f"query_result(count by (instance) ({' or '.join(conditions)}))"


def _away(marker: str, window: str) -> str:
    """Targets of the window that were not scraped just before it, or not just before its end."""
    before, at_end = f"last_over_time({marker}[{MAX_AGE}] offset {window})", f"last_over_time({marker}[{MAX_AGE}])"
    return f"last_over_time({marker}[{window}]) unless ({before} and {at_end})"


def _only_history() -> str:
    """Targets that were not scraped in the range and have a backfilled history, with a sample a day."""
    started = f'last_over_time(claude_sessions_started_total{{instance=~"$instance"}}[{MAX_OUTAGE}])'
    return f"{started} unless on (instance) last_over_time({EXPORTER}[{RANGE}])"


def _away_between(marker: str) -> tuple[str, str]:
    """Targets that were away in the range, or in the day before it, in which the first interval of a graph begins."""
    present = f"last_over_time({marker}[{MAX_AGE}])"
    in_range = f"count_over_time({present}[{RANGE}:{STEP}]) <= {RANGE_SECONDS} / {STEP_SECONDS} - 1"
    before = f"count_over_time({present}[{MAX_OUTAGE}:{STEP}] offset {RANGE}) <= {DAY_SECONDS} / {STEP_SECONDS} - 1"
    return in_range, before


def _incomplete(window: str) -> tuple[str, str, str]:
    """Exporters whose ledger was replaced in the window, or whose page lacked counters at an end of it."""
    failed = f"min_over_time({COLLECTORS}[{MAX_GAP}])"
    return (
        _ledger_replaced(MAX_GAP_SECONDS),
        f"{failed} == 0",
        f"{failed.removesuffix(')')} offset {window}) == 0",
    )


def _ever_incomplete() -> tuple[str, str, str]:
    """The same for any moment of the range, and of the day before it."""
    return (
        _ledger_replaced(DAY_SECONDS),
        f"min_over_time({COLLECTORS}[{RANGE}]) == 0",
        f"min_over_time({COLLECTORS}[{MAX_OUTAGE}] offset {RANGE}) == 0",
    )


def _ledger_replaced(seconds_before: int) -> str:
    created = f"last_over_time({LEDGER_CREATED}[{MAX_GAP}])"
    return f"{created} > time() - {RANGE_SECONDS} - {seconds_before}"


def _reset(window: str) -> str:
    """Servers whose counters fell, as they do with another database."""
    return f"resets(claude_tasks_finished_total[{window}]) > 0"


def _reset_before() -> str:
    return f"resets(claude_tasks_finished_total[{MAX_OUTAGE}] offset {RANGE}) > 0"
