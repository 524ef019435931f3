"""Alerts on hookmeter itself: whether it is up, keeps up, and exposes complete metrics."""

from __future__ import annotations

from dashboards.alerting.record import VARIABLE_BY_JOB, Alert, Board, Severity
from dashboards.increases import process_increase, recorded
from dashboards.promql import TARGET, total
from dashboards.recording import LEDGER_CREATED

EXPORTER = 'up{job="hookmeter"}'
SERVER = 'up{job="hookmeter-server"}'
MALFORMED = f'{recorded("hookmeter_lines", "1h")}{{result="malformed"}}'
MAX_LAG_SECONDS, STALLED_SECONDS = 60, 600
MAX_MALFORMED_LINES = 5
MAX_FAILED_WRITES = 30  # at one attempt every two seconds

ALERTS = (
    Alert(
        "HookmeterExporterDown",
        Severity.CRITICAL,
        Board.METER,
        f"{EXPORTER} == 0",
        "2m",
        "The exporter on {{ $labels.instance }} is down",
        "Prometheus has failed to scrape {{ $labels.instance }} for 2 minutes. No data is lost: hooks keep logging, and"
        " the exporter counts what it missed once it is back.",
    ),
    Alert(
        "HookmeterExporterGone",
        Severity.WARNING,
        Board.METER,
        f"max_over_time({EXPORTER}[1d]) > 0 unless on ({TARGET}) {EXPORTER}",
        "10m",
        "{{ $labels.instance }} is no longer scraped",
        "{{ $labels.instance }} was scraped within the last day and is no longer a target: its agent is down, or it was"
        " removed from the targets.",
    ),
    Alert(
        "HookmeterServerDown",
        Severity.CRITICAL,
        Board.TASKS,
        f"{SERVER} == 0",
        "2m",
        "The chat server on {{ $labels.instance }} is down",
        "Prometheus has failed to scrape {{ $labels.instance }} for 2 minutes. Chat is unavailable; no tasks start.",
        variable="server",
    ),
    Alert(
        "HookmeterReadingLags",
        Severity.WARNING,
        Board.METER,
        f"hookmeter_read_lag_seconds > {MAX_LAG_SECONDS}",
        "5m",
        "The exporter on {{ $labels.instance }} lags behind its logs",
        "Log lines have been waiting to be counted for {{ $value | humanizeDuration }}; all metrics are that old.",
    ),
    Alert(
        "HookmeterReadingStalled",
        Severity.CRITICAL,
        Board.METER,
        f"hookmeter_read_lag_seconds > {STALLED_SECONDS}",
        "5m",
        "The exporter on {{ $labels.instance }} has stopped counting",
        "Log lines have been waiting to be counted for {{ $value | humanizeDuration }}. The ledger cannot be written,"
        " or logs cannot be read; the usual cause is a full disk.",
    ),
    Alert(
        "HookmeterLedgerFailing",
        Severity.CRITICAL,
        Board.METER,
        f"{total(process_increase('hookmeter_ledger_write_errors_total', '5m'))} > {MAX_FAILED_WRITES}",
        "0m",
        "The ledger on {{ $labels.instance }} cannot be written",
        '{{ $value | printf "%.0f" }} writes failed in the last 5 minutes; nothing is counted until one succeeds. No'
        " data is lost.",
    ),
    Alert(
        "HookmeterLedgerReplaced",
        Severity.WARNING,
        Board.METER,
        f"time() - {LEDGER_CREATED}\nand {LEDGER_CREATED} > min_over_time({LEDGER_CREATED}[6h])",
        "0m",
        "The counters of {{ $labels.instance }} were reset",
        "A new ledger was created {{ $value | humanizeDuration }} ago, because the previous one was lost or corrupt."
        " Counters were rebuilt from the logs that still exist, and may be lower than before.",
    ),
    Alert(
        "HookmeterCollectorFailing",
        Severity.WARNING,
        Board.METER,
        "hookmeter_collector_success == 0",
        "5m",
        "The {{ $labels.collector }} metrics of {{ $labels.instance }} are missing",
        "The collector {{ $labels.collector }} of {{ $labels.job }} fails, and its metrics are missing from the metrics"
        " page. All others are correct.",
        variable=VARIABLE_BY_JOB,
    ),
    Alert(
        "HookmeterFoldersUnreadable",
        Severity.WARNING,
        Board.METER,
        "hookmeter_unreadable_folders > 0",
        "10m",
        "Log directories on {{ $labels.instance }} are unreadable",
        '{{ $value | printf "%.0f" }} log directories cannot be read; their sessions are not counted.',
    ),
    Alert(
        "HookmeterLinesMalformed",
        Severity.WARNING,
        Board.METER,
        f"{total(MALFORMED, 'source')} > {MAX_MALFORMED_LINES}",
        "0m",
        "Malformed lines in the logs of {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} lines of {{ $labels.source }} in the last hour were not JSON objects, or not'
        " countable; their events are not counted.",
    ),
    Alert(
        "HookmeterLabelOverflow",
        Severity.WARNING,
        Board.METER,
        f"{total(recorded('hookmeter_label_overflow', '1h'), 'label')} > 0",
        "0m",
        "The label {{ $labels.label }} has too many values on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} events of the last hour were counted as "other", because the label'
        " {{ $labels.label }} has reached its limit of values.",
    ),
)
