"""Alerts on the meter itself: whether it is there, and whether it is to be believed."""

from __future__ import annotations

from dashboards.alerting.record import EITHER, Alert, Board, Severity
from dashboards.promql import BY, risen
from dashboards.recording import CREATED

EXPORTER = 'up{job="hookmeter"}'
SERVER = 'up{job="hookmeter-server"}'
MALFORMED = 'hookmeter_lines_total{result="malformed"}'
LAGS_SECONDS, STALLED_SECONDS = 60, 600
MALFORMED_LINES = 5
FAILED_WRITES = 30  # of which there is one every two seconds

ALERTS = (
    Alert(
        "HookmeterExporterDown",
        Severity.CRITICAL,
        Board.METER,
        f"{EXPORTER} == 0",
        "2m",
        "The exporter on {{ $labels.instance }} does not answer",
        "Prometheus has had no metrics from {{ $labels.instance }} for 2 minutes. Nothing is lost: what agents do now"
        " is logged, and counted once the exporter is back.",
    ),
    Alert(
        "HookmeterExporterGone",
        Severity.WARNING,
        Board.METER,
        f"max_over_time({EXPORTER}[1d]) unless on ({BY}) {EXPORTER}",
        "10m",
        "Nobody scrapes {{ $labels.instance }} any more",
        "{{ $labels.instance }} was scraped within the last day, and is not even tried now: its agent is down, or it"
        " was taken off the list of targets.",
    ),
    Alert(
        "HookmeterServerDown",
        Severity.CRITICAL,
        Board.TASKS,
        f"{SERVER} == 0",
        "2m",
        "The server on {{ $labels.instance }} does not answer",
        "Prometheus has had no metrics from {{ $labels.instance }} for 2 minutes: nobody can chat, and no task begins.",
        variable="server",
    ),
    Alert(
        "HookmeterReadingLags",
        Severity.WARNING,
        Board.METER,
        f"hookmeter_read_lag_seconds > {LAGS_SECONDS}",
        "5m",
        "The meter on {{ $labels.instance }} lags behind its logs",
        "Lines have waited to be counted for {{ $value | humanizeDuration }}; all figures are that old.",
    ),
    Alert(
        "HookmeterReadingStalled",
        Severity.CRITICAL,
        Board.METER,
        f"hookmeter_read_lag_seconds > {STALLED_SECONDS}",
        "5m",
        "The meter on {{ $labels.instance }} counts nothing any more",
        "Lines have waited to be counted for {{ $value | humanizeDuration }}. The ledger cannot be written, or reading"
        " fails: a full disk is the usual reason.",
    ),
    Alert(
        "HookmeterLedgerFailing",
        Severity.CRITICAL,
        Board.METER,
        f"{risen('hookmeter_ledger_write_errors_total', '5m')} > {FAILED_WRITES}",
        "0m",
        "The ledger on {{ $labels.instance }} cannot be written",
        '{{ $value | printf "%.0f" }} writes have failed in 5 minutes; until one succeeds, nothing new is counted.'
        " Nothing is lost.",
    ),
    Alert(
        "HookmeterLedgerReplaced",
        Severity.WARNING,
        Board.METER,
        f"time() - {CREATED}\nand {CREATED} > min_over_time({CREATED}[6h])",
        "0m",
        "The counters of {{ $labels.instance }} began anew",
        "A new ledger was begun {{ $value | humanizeDuration }} ago, because the one before was lost, or corrupt."
        " Counters say what the logs still hold, which may be less than they said.",
    ),
    Alert(
        "HookmeterCollectorFailing",
        Severity.WARNING,
        Board.METER,
        "hookmeter_collector_success == 0",
        "5m",
        "Metrics of {{ $labels.collector }} are missing on {{ $labels.instance }}",
        "The collector {{ $labels.collector }} of {{ $labels.job }} fails, and its metrics are not on the page. The"
        " others are right.",
        variable=EITHER,
    ),
    Alert(
        "HookmeterFoldersUnreadable",
        Severity.WARNING,
        Board.METER,
        "hookmeter_unreadable_folders > 0",
        "10m",
        "Logs on {{ $labels.instance }} may not be read",
        '{{ $value | printf "%.0f" }} log folders cannot be read; what happens in their sessions is not counted.',
    ),
    Alert(
        "HookmeterLinesMalformed",
        Severity.WARNING,
        Board.METER,
        f"{risen(MALFORMED, '1h', 'source')} > {MALFORMED_LINES}",
        "0m",
        "Broken lines in the logs of {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} lines of {{ $labels.source }} were no JSON objects in the last hour; what they'
        " said is in no figure.",
    ),
    Alert(
        "HookmeterLabelOverflow",
        Severity.WARNING,
        Board.METER,
        f"{risen('hookmeter_label_overflow_total', '1h', 'label')} > 0",
        "0m",
        "The label {{ $labels.label }} is full on {{ $labels.instance }}",
        '{{ $value | printf "%.0f" }} events of the last hour were counted as "other", because {{ $labels.label }} has'
        " as many values as it may take.",
    ),
)
