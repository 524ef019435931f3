"""The board Meter health: whether the exporters keep up and read everything, and how their processes do."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, timeseries

from dashboards import panels as p
from dashboards import queries as q
from dashboards import style as s
from dashboards.board import Board, Section
from dashboards.links import METER
from dashboards.variables import INSTANCE, SERVER


def board() -> Board:
    return Board(
        METER,
        "now-6h",
        (INSTANCE, SERVER),
        (
            Section(
                "Health",
                (down(), read_lag(), malformed(), unreadable(), collectors(), overflow(), restarts(), versions()),
            ),
            Section("Ingestion", (lag_by_exporter(), lines())),
            Section("Ledger and metrics page", (created(), failed_writes(), ledger(), collection_time(), samples())),
            Section("Processes and HTTP", (memory(), http(), http_latency(), connections(), logins())),
        ),
    )


def down() -> stat.Panel:
    description = "Exporters that Prometheus cannot scrape."
    panel = p.stat_panel("Exporters down", description, p.instant_query(q.EXPORTERS_DOWN, "down")).span(3)
    return panel.thresholds(s.CRITICAL_IF_ANY).no_value(s.NO_EXPORTER)


def read_lag() -> stat.Panel:
    description = "How long log lines have been waiting to be counted; 0 when every line is counted."
    panel = p.stat_panel("Read lag", description, p.instant_query(q.READ_LAG, "lag")).unit(s.SECONDS).span(3)
    return panel.thresholds(s.LAG).no_value(s.NO_EXPORTER)


def malformed() -> stat.Panel:
    description = (
        "Log lines in the selected range that were not JSON objects, or not countable. Others are not affected."
    )
    panel = p.stat_panel("Malformed lines", description, p.instant_query(q.MALFORMED)).decimals(0).span(3)
    return panel.thresholds(s.WARNING_IF_ANY)


def unreadable() -> stat.Panel:
    description = "Log directories that could not be read at the last attempt."
    panel = p.stat_panel("Unreadable directories", description, p.instant_query(q.UNREADABLE, "directories")).span(3)
    return panel.thresholds(s.CRITICAL_IF_ANY).no_value(s.NO_EXPORTER)


def collectors() -> stat.Panel:
    description = "Collectors that failed; their metrics are missing from the metrics page."
    panel = p.stat_panel("Failing collectors", description, p.instant_query(q.COLLECTORS_FAILING, "collectors")).span(3)
    return panel.thresholds(s.CRITICAL_IF_ANY).no_value(s.NO_EXPORTER)


def overflow() -> stat.Panel:
    description = "Events in the selected range counted as `other`, because a label had reached its limit of values."
    panel = p.stat_panel("Label overflow", description, p.instant_query(q.OVERFLOW)).decimals(0).span(3)
    return panel.thresholds(s.WARNING_IF_ANY)


def restarts() -> stat.Panel:
    description = "Restarts of exporters in the selected range. Counters continue from their last values."
    panel = p.stat_panel("Restarts", description, p.instant_query(q.RESTARTS)).decimals(0).span(3)
    return panel.thresholds(s.RESTARTS)


def versions() -> stat.Panel:
    description = "Versions of the running exporters."
    panel = p.stat_panel("Version", description, p.instant_query(q.VERSIONS, "{{version}}")).span(3)
    return p.with_names_only(panel.no_value(s.NO_EXPORTER))


def lag_by_exporter() -> timeseries.Panel:
    description = "How long log lines had been waiting to be counted. Dashed lines: 1 minute and 10 minutes."
    panel = p.line_graph("Read lag by exporter", description, p.range_query(q.READ_LAG_BY_HOST, "{{instance}}"))
    return p.with_threshold_lines(p.with_shades(panel.unit(s.SECONDS).thresholds(s.LAG)))


def lines() -> timeseries.Panel:
    description = "Log lines read per minute by result. Ignored: of a kind that no metric counts."
    panel = p.stacked_graph("Lines per minute by result", description, p.range_query(q.LINES_BY_RESULT, "{{result}}"))
    return p.with_colors(panel.unit(s.PER_MINUTE), s.LINE_COLORS)


def created() -> stat.Panel:
    description = "When the database of an exporter was created; of several, the newest. Counters start there."
    panel = p.stat_panel("Ledger created", description, p.instant_query(q.LEDGER_CREATED)).unit(s.TIME_FROM_NOW)
    return panel.span(3).height(8).no_value(s.NO_EXPORTER)


def failed_writes() -> stat.Panel:
    description = (
        "Failed writes to the databases of exporters in the selected range. Writes are retried every 2 seconds."
    )
    panel = p.stat_panel("Failed ledger writes", description, p.instant_query(q.FAILED_LEDGER_WRITES)).decimals(0)
    return panel.span(3).height(8).thresholds(s.WARNING_IF_ANY).no_value(s.NO_EXPORTER)


def ledger() -> timeseries.Panel:
    description = "Open calls, which end as unknown after 24 hours, and log files that were read (right axis)."
    panel = p.line_graph("Ledger contents", description, p.range_query(q.LEDGER_CONTENTS, "{{name}}")).span(6)
    return p.with_colors(p.with_right_axis(panel, "files"), s.LEDGER_COLORS)


def collection_time() -> timeseries.Panel:
    description = "Time that each collector takes to produce its part of the metrics page."
    query = p.range_query(q.COLLECTOR_SECONDS, "{{collector}}")
    panel = p.stacked_graph("Collection time", description, query)
    return p.with_shades(panel).unit(s.SECONDS).span(6)


def samples() -> timeseries.Panel:
    description = f"Series per scrape. In fleets of hundreds of hosts, keep each below {q.MAX_SERIES} (dashed line)."
    panel = p.line_graph("Series by exporter", description, p.range_query(q.SAMPLES_BY_HOST, "{{instance}}")).span(6)
    return p.with_threshold_lines(p.with_shades(panel.thresholds(s.SERIES)))


def memory() -> timeseries.Panel:
    description = "Resident memory of each exporter."
    panel = p.line_graph("Memory by exporter", description, p.range_query(q.MEMORY_BY_HOST, "{{instance}}"))
    return p.with_shades(panel.unit(s.BYTES)).span(8)


def http() -> timeseries.Panel:
    description = "HTTP requests to the chat server per second, by status code."
    query = p.range_query(q.HTTP_BY_CODE, "{{code}}")
    panel = p.stacked_graph("HTTP requests per second by status", description, query).unit(s.PER_SECOND).span(8)
    return p.with_colors_by_pattern(panel.no_value(s.NO_SERVER), s.STATUS_CODE_COLORS)


def http_latency() -> timeseries.Panel:
    description = "p95 time to first byte of the chat server's responses, by route."
    panel = p.line_graph(
        "Time to first byte by route (p95)", description, p.range_query(q.HTTP_P95_BY_ROUTE, "{{route}}")
    )
    return p.with_log_scale(panel.unit(s.SECONDS).interval("5m").span(8).no_value(s.NO_SERVER))


def connections() -> timeseries.Panel:
    description = "Open connections to the chat server: dashboards that follow live metrics, and chats."
    panel = p.line_graph("Connections", description, p.range_query(q.CONNECTIONS, "{{name}}"))
    return p.with_colors(panel.no_value(s.NO_SERVER), s.CONNECTION_COLORS)


def logins() -> timeseries.Panel:
    description = "Login attempts per interval by result. Limited: refused because of too many attempts."
    panel = p.bar_graph("Logins by result", description, p.range_query(q.LOGINS_BY_RESULT, "{{result}}"))
    return p.with_colors(panel.no_value(s.NO_SERVER), s.LOGIN_COLORS)
