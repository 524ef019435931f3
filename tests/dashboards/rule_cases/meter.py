from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, PAGE, SERVER, Case, Fired, exporter, server

UP, SERVER_UP, LABELLED_UP = exporter("up"), server("up"), exporter("up", team="build")
LAG = exporter("hookmeter_read_lag_seconds")
COLLECTOR = exporter("hookmeter_collector_success", collector="spending")
OTHER_UP = exporter("up", instance="build & test")
FAILED_WRITES = exporter("hookmeter_ledger_write_errors_total")
CREATED = exporter("hookmeter_ledger_created_timestamp_seconds")
OF_SERVER = server("hookmeter_collector_success", collector="tasks")
UNREADABLE = exporter("hookmeter_unreadable_folders")
MALFORMED = exporter("hookmeter_lines_total", source="events", result="malformed")
IGNORED = exporter("hookmeter_lines_total", source="events", result="ignored")
OVERFLOW = exporter("hookmeter_label_overflow_total", label="tool")

CASES = (
    Case(
        "HookmeterExporterDown", "an exporter is down for two minutes", {UP: "1x5 0x5"}, "9m",
        (Fired(
            "The exporter on web is down",
            "Prometheus has failed to scrape web for 2 minutes. No data is lost: hooks keep logging, and the exporter"
            " counts what it missed once it is back.",
            EXPORTER,
        ),),
    ),
    Case(
        "HookmeterExporterDown", "one of two hosts is down", {UP: "1x10", OTHER_UP: "1x5 0x5"}, "9m",
        (Fired(
            "The exporter on build & test is down",
            "Prometheus has failed to scrape build & test for 2 minutes. No data is lost: hooks keep logging, and the"
            " exporter counts what it missed once it is back.",
            EXPORTER | {"instance": "build & test"},
        ),),
    ),
    Case("HookmeterExporterDown", "one scrape fails", {UP: "1x5 0 1x5"}, "8m"),
    Case("HookmeterExporterDown", "the server is down, not the exporter", {SERVER_UP: "0x10"}, "9m"),
    Case(
        "HookmeterExporterGone", "a host is no longer a target", {UP: "1x60 stale"}, "80m",
        (Fired(
            "web is no longer scraped",
            "web was scraped within the last day and is no longer a target: its agent is down, or it was removed from"
            " the targets.",
            EXPORTER,
        ),),
    ),
    Case(
        "HookmeterExporterGone", "a target has a new label",
        {UP: "1x60 stale", LABELLED_UP: "_x60 1x30"}, "80m",
    ),
    Case("HookmeterExporterGone", "a wrong target, which never answered, is removed", {UP: "0x60 stale"}, "80m"),
    Case("HookmeterExporterGone", "an exporter is down, and still a target", {UP: "1x60 0x30"}, "80m"),
    Case(
        "HookmeterServerDown", "the server is down for two minutes", {SERVER_UP: "1x5 0x5"}, "9m",
        (Fired(
            "The chat server on web-server is down",
            "Prometheus has failed to scrape web-server for 2 minutes. Chat is unavailable; no tasks start.",
            SERVER,
        ),),
    ),
    Case("HookmeterServerDown", "there is no server target", {UP: "0x10"}, "9m"),
    Case(
        "HookmeterReadingLags", "the lag grows for minutes", {LAG: "0+30x20"}, "10m",
        (Fired(
            "The exporter on web lags behind its logs",
            "Log lines have been waiting to be counted for 5m 0s; all metrics are that old.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterReadingLags", "a large file takes two minutes", {LAG: "0x5 60 120 0x10"}, "7m"),
    Case("HookmeterReadingLags", "there is no lag", {LAG: "0x40"}, "30m"),
    Case(
        "HookmeterReadingStalled", "the lag keeps growing", {LAG: "0+60x40"}, "20m",
        (Fired(
            "The exporter on web has stopped counting",
            "Log lines have been waiting to be counted for 20m 0s. The ledger cannot be written, or logs cannot be"
            " read; the usual cause is a full disk.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterReadingStalled", "there is a lag, but lines are counted", {LAG: "0+30x20 600x20"}, "35m"),
    Case(
        "HookmeterLedgerFailing", "all writes fail", {FAILED_WRITES: "0x5 0+30x10"}, "12m",
        (Fired(
            "The ledger on web cannot be written",
            "150 writes failed in the last 5 minutes; nothing is counted until one succeeds. No data is lost.",
            EXPORTER,
        ),),
    ),
    Case(
        "HookmeterLedgerFailing", "writes fail before and after a restart",
        {FAILED_WRITES: "9x10 30 60 0 20 40x10"}, "15m",
        (Fired(
            "The ledger on web cannot be written",
            "91 writes failed in the last 5 minutes; nothing is counted until one succeeds. No data is lost.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterLedgerFailing", "a process with many failures is restarted", {FAILED_WRITES: "90x10 3x10"}, "14m"),
    Case("HookmeterLedgerFailing", "some writes fail during a backup", {FAILED_WRITES: "0x5 20x10"}, "8m"),
    Case("HookmeterLedgerFailing", "they failed an hour ago", {FAILED_WRITES: "40x15"}, "12m"),
    Case(
        "HookmeterLedgerReplaced", "a corrupt ledger was set aside", {CREATED: "1000x60 5000x60"}, "90m",
        (Fired(
            "The counters of web were reset",
            "A new ledger was created 6m 40s ago, because the previous one was lost or corrupt. Counters were rebuilt"
            " from the logs that still exist, and may be lower than before.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterLedgerReplaced", "an exporter is away for an hour", {CREATED: "1000x60 _x60 1000x20"}, "130m"),
    Case("HookmeterLedgerReplaced", "an exporter is new", {CREATED: "_x60 5000x60"}, "90m"),
    Case(
        "HookmeterCollectorFailing", "a collector fails", {COLLECTOR: "1x5 0x10"}, "12m",
        (Fired(
            "The spending metrics of web are missing",
            "The collector spending of hookmeter fails, and its metrics are missing from the metrics page. All others"
            " are correct.",
            EXPORTER | {"collector": "spending"},
        ),),
    ),
    Case(
        "HookmeterCollectorFailing", "a collector of the server fails", {OF_SERVER: "1x5 0x10"}, "12m",
        (Fired(
            "The tasks metrics of web-server are missing",
            "The collector tasks of hookmeter-server fails, and its metrics are missing from the metrics page. All"
            " others are correct.",
            SERVER | {"collector": "tasks"},
        ),),
    ),
    Case("HookmeterCollectorFailing", "all collectors work", {COLLECTOR: "1x15"}, "12m"),
    Case(
        "HookmeterFoldersUnreadable", "two directories cannot be read", {UNREADABLE: "2x20"}, "15m",
        (Fired(
            "Log directories on web are unreadable",
            "2 log directories cannot be read; their sessions are not counted.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterFoldersUnreadable", "one scrape without access to a directory", {UNREADABLE: "0x5 1 0x10"}, "15m"),
    Case(
        "HookmeterLinesMalformed", "another program writes to the logs", {MALFORMED: "0+1x60", IGNORED: "0x60"}, "60m",
        (Fired(
            "Malformed lines in the logs of web",
            "60 lines of events in the last hour were not JSON objects, or not countable; their events"
            " are not counted.",
            EXPORTER | {"source": "events"},
        ),),
    ),
    Case(
        "HookmeterLinesMalformed", "twenty lines while the exporter was away",
        {PAGE: "0x20 _x60 0x60", MALFORMED: "7x20 _x60 27x60"}, "110m",
        (Fired(
            "Malformed lines in the logs of web",
            "20 lines of events in the last hour were not JSON objects, or not countable; their events"
            " are not counted.",
            EXPORTER | {"source": "events"},
        ),),
    ),
    Case(
        "HookmeterLinesMalformed", "one truncated line, and lines of an unknown kind",
        {MALFORMED: "0x30 1x30", IGNORED: "0+5x60"}, "60m",
    ),
    Case("HookmeterLinesMalformed", "a new ledger has counted fewer", {MALFORMED: "40x60 30x20"}, "75m"),
    Case(
        "HookmeterLabelOverflow", "there are more tools than the limit", {OVERFLOW: "0+1x60"}, "60m",
        (Fired(
            "The label tool has too many values on web",
            '60 events of the last hour were counted as "other", because the label tool has reached its limit of'
            " values.",
            EXPORTER | {"label": "tool"},
        ),),
    ),
    Case(
        "HookmeterLabelOverflow", "an event while the exporter was away",
        {PAGE: "0x20 _x60 0x60", OVERFLOW: "0x20 _x60 1x60"}, "110m",
        (Fired(
            "The label tool has too many values on web",
            '1 events of the last hour were counted as "other", because the label tool has reached its limit of'
            " values.",
            EXPORTER | {"label": "tool"},
        ),),
    ),
    Case("HookmeterLabelOverflow", "the limit was reached a long time ago", {OVERFLOW: "40x60"}, "60m"),
    Case("HookmeterLabelOverflow", "a new ledger has counted fewer", {OVERFLOW: "40x60 30x20"}, "75m"),
)  # fmt: skip
