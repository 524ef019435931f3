"""What the page says of the metrics by which the others can be believed."""

from __future__ import annotations

from chatserver.web.server_metrics import COLLECTORS as SERVER_COLLECTORS
from exporter.collectors import COLLECTORS
from exporter.counting.catalog import ALL_SOURCES, LABEL_OVERFLOW
from exporter.model.records import LineResult
from tools.metrics_page.records import Example, LabelText, MetricText, Section

SOURCE = LabelText("which logs", ALL_SOURCES)
OF_EXPORTER = tuple(name for name, _ in COLLECTORS)
OF_SERVER = tuple(name for name, _ in SERVER_COLLECTORS)
SUBJECT = LabelText("which subject, the last four on the server", (*OF_EXPORTER, *OF_SERVER))

READING = (
    MetricText(
        "hookmeter_lines_total",
        "lines",
        Example(
            "lines that could not be read: anything above 0 wants a look",
            'sum by (source) (increase(hookmeter_lines_total{result="malformed"}[1h]))',
        ),
        labels={
            "source": SOURCE,
            "result": LabelText("what became of it ([which is when](counting.md#lines))", tuple(LineResult)),
        },
    ),
    MetricText(
        "hookmeter_bytes_read_total",
        "bytes",
        Example("bytes a second, by source", "sum by (source) (rate(hookmeter_bytes_read_total[5m]))"),
        labels={"source": SOURCE},
    ),
    MetricText(
        "hookmeter_files", "files", Example("files that each exporter knows", "sum by (instance) (hookmeter_files)")
    ),
    MetricText(
        "hookmeter_open_calls",
        "calls",
        Example("calls that wait for their end, by exporter", "sum by (instance) (hookmeter_open_calls)"),
        more="After 24 hours they end as unknown.",
    ),
    MetricText(
        "hookmeter_read_lag_seconds",
        "seconds",
        Example("exporters that are more than a minute behind", "hookmeter_read_lag_seconds > 60"),
    ),
    MetricText(
        "hookmeter_unreadable_folders",
        "folders",
        Example("exporters that may not read all they should", "hookmeter_unreadable_folders > 0"),
    ),
    MetricText(
        "hookmeter_label_overflow_total",
        "events",
        Example(
            "labels that have had too many values in the last day",
            "sum by (label) (increase(hookmeter_label_overflow_total[1d])) > 0",
        ),
        more="One that does so by two labels counts under each.",
        labels={"label": LabelText("which label", tuple(label for (label,) in LABEL_OVERFLOW.initial))},
    ),
)
LEDGER = (
    MetricText(
        "hookmeter_ledger_size_bytes",
        "bytes",
        Example("by how much each ledger has grown in a week", "delta(hookmeter_ledger_size_bytes[7d])"),
    ),
    MetricText(
        "hookmeter_ledger_created_timestamp_seconds",
        "seconds",
        Example(
            "ledgers that were lost, or set aside as corrupt, within a day",
            "changes(hookmeter_ledger_created_timestamp_seconds[1d]) > 0",
        ),
        more="What logs no longer hold is not counted again.",
    ),
    MetricText(
        "hookmeter_ledger_write_errors_total",
        "writes",
        Example("ledgers that cannot be written now", "rate(hookmeter_ledger_write_errors_total[2m]) > 0"),
        more="It is tried every two seconds.",
    ),
)
RENDERING = (
    MetricText(
        "hookmeter_collector_success",
        "0 or 1",
        Example("collectors that fail", "hookmeter_collector_success == 0"),
        more="1, or 0 where a subject is missing from the page because its collector failed. The exporter has it, and"
        " the server.",
        labels={"collector": SUBJECT},
    ),
    MetricText(
        "hookmeter_collector_duration_seconds",
        "seconds",
        Example("the slowest collectors", "topk(3, hookmeter_collector_duration_seconds)"),
        more="That is the last time that the page was rendered. The exporter has it, and the server.",
        labels={"collector": SUBJECT},
    ),
    MetricText(
        "hookmeter_build_info",
        "always 1",
        Example("how many exporters run which version", "count by (version) (hookmeter_build_info)"),
        labels={
            "version": LabelText("hookmeter's version"),
            "python": LabelText("Python's version"),
            "platform": LabelText("the operating system, such as `linux` or `darwin`"),
        },
    ),
)
METER = Section(
    "Whether the meter is to be believed",
    (*READING, *LEDGER, *RENDERING),
    behind="Beside these there are the usual `process_*` metrics of the exporter itself, and the server has its own.",
)
