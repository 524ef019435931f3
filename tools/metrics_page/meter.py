"""The exporter itself: reading, ledger and collectors."""

from __future__ import annotations

from chatserver.monitoring.server_metrics import COLLECTORS as SERVER_COLLECTORS
from exporter.collectors import COLLECTORS
from exporter.counting.catalog import ALL_SOURCES, LABEL_OVERFLOW
from exporter.model.old_logs import Handled
from exporter.model.records import LineResult
from tools.metrics_page.records import Example, LabelText, MetricText, Section

SOURCE = LabelText("the kind of log file", ALL_SOURCES)
OF_EXPORTER = tuple(name for name, _ in COLLECTORS)
OF_SERVER = tuple(name for name, _ in SERVER_COLLECTORS)
COLLECTOR = LabelText(
    f"the collector; {', '.join(OF_SERVER[:-1])} and {OF_SERVER[-1]} are those of the server",
    (*OF_EXPORTER, *OF_SERVER),
)

READING = (
    MetricText(
        "hookmeter_lines_total",
        "lines",
        Example(
            "malformed lines in the last hour, by source",
            'sum by (source) (series:hookmeter_lines:increase1h{result="malformed"})',
        ),
        labels={
            "source": SOURCE,
            "result": LabelText("what was done with the line ([definitions](counting.md#lines))", tuple(LineResult)),
        },
    ),
    MetricText(
        "hookmeter_bytes_read_total",
        "bytes",
        Example("bytes read in the last hour, by source", "sum by (source) (series:hookmeter_bytes_read:increase1h)"),
        labels={"source": SOURCE},
    ),
    MetricText("hookmeter_files", "files", Example("log files, by exporter", "sum by (instance) (hookmeter_files)")),
    MetricText(
        "hookmeter_open_calls",
        "calls",
        Example("open calls, by exporter", "sum by (instance) (hookmeter_open_calls)"),
        more="After 24 hours an open call ends with the outcome unknown.",
    ),
    MetricText(
        "hookmeter_read_lag_seconds",
        "seconds",
        Example("exporters more than a minute behind", "hookmeter_read_lag_seconds > 60"),
    ),
    MetricText(
        "hookmeter_unreadable_folders",
        "directories",
        Example("exporters that cannot read all directories", "hookmeter_unreadable_folders > 0"),
    ),
    MetricText(
        "hookmeter_old_logs_total",
        "files",
        Example(
            "old hook logs that could not be handled in the last day, by exporter",
            'sum by (instance) (series:hookmeter_old_logs:increase1d{result="failed"})',
        ),
        more="Only with [`--keep-logs`](operations.md#old-hook-logs). What failed is tried again every 15 minutes.",
        labels={"result": LabelText("what was done with the file", tuple(Handled))},
    ),
    MetricText(
        "hookmeter_label_overflow_total",
        "events",
        Example(
            "labels that exceeded their limit in the last day",
            "sum by (label) (series:hookmeter_label_overflow:increase1d)",
        ),
        more="Events are sessions, tool calls, sub-agents, permission requests, compactions, model fallbacks and API"
        " messages. One that exceeds the limit of two labels is counted for each.",
        labels={
            "label": LabelText("the label that reached its limit", tuple(label for (label,) in LABEL_OVERFLOW.initial))
        },
    ),
)
LEDGER = (
    MetricText(
        "hookmeter_ledger_size_bytes",
        "bytes",
        Example("growth of each ledger in a week", "delta(hookmeter_ledger_size_bytes[7d])"),
    ),
    MetricText(
        "hookmeter_ledger_created_timestamp_seconds",
        "seconds",
        Example(
            "ledgers that were deleted or set aside as corrupt in the last day",
            "changes(hookmeter_ledger_created_timestamp_seconds[1d]) > 0",
        ),
        more="Lines that are no longer in the logs are not counted again.",
    ),
    MetricText(
        "hookmeter_ledger_write_errors_total",
        "writes",
        Example("failed writes in the last hour, by exporter", "series:hookmeter_ledger_write_errors:increase1h"),
        more="Writing is retried every two seconds.",
    ),
)
RENDERING = (
    MetricText(
        "hookmeter_collector_success",
        "0 or 1",
        Example("failing collectors", "hookmeter_collector_success == 0"),
        more="If it is 0, the metrics of the collector are missing from the page. Exported by the exporter and the"
        " server.",
        labels={"collector": COLLECTOR},
    ),
    MetricText(
        "hookmeter_collector_duration_seconds",
        "seconds",
        Example("the slowest collectors", "topk(3, hookmeter_collector_duration_seconds)"),
        more="Collectors run when the page is rendered. Exported by the exporter and the server.",
        labels={"collector": COLLECTOR},
    ),
    MetricText(
        "hookmeter_build_info",
        "constant 1",
        Example("number of exporters, by version", "count by (version) (hookmeter_build_info)"),
        labels={
            "version": LabelText("the version of hookmeter"),
            "python": LabelText("the version of Python"),
            "platform": LabelText("the operating system, such as `linux` or `darwin`"),
        },
    ),
)
METER = Section(
    "The exporter",
    (*READING, *LEDGER, *RENDERING),
    after="The exporter and the server also export the usual `process_*` metrics.",
)
