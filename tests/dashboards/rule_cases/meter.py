from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, SERVER, Case, Fired, exporter, server

UP, SERVER_UP, TEAMS_UP = exporter("up"), server("up"), exporter("up", team="build")
LAG = exporter("hookmeter_read_lag_seconds")
COLLECTOR = exporter("hookmeter_collector_success", collector="spending")
OTHER_UP = exporter("up", instance="other")
FAILED_WRITES = exporter("hookmeter_ledger_write_errors_total")
CREATED = exporter("hookmeter_ledger_created_timestamp_seconds")
OF_SERVER = server("hookmeter_collector_success", collector="tasks")
UNREADABLE = exporter("hookmeter_unreadable_folders")
MALFORMED = exporter("hookmeter_lines_total", source="events", result="malformed")
IGNORED = exporter("hookmeter_lines_total", source="events", result="ignored")
OVERFLOW = exporter("hookmeter_label_overflow_total", label="tool")

CASES = (
    Case(
        "HookmeterExporterDown", "an exporter does not answer for two minutes", {UP: "1x5 0x5"}, "9m",
        (Fired(
            "The exporter on web does not answer",
            "Prometheus has had no metrics from web for 2 minutes. Nothing is lost: what agents do now is logged, and"
            " counted once the exporter is back.",
            EXPORTER,
        ),),
    ),
    Case(
        "HookmeterExporterDown", "one of two hosts does not answer", {UP: "1x10", OTHER_UP: "1x5 0x5"}, "9m",
        (Fired(
            "The exporter on other does not answer",
            "Prometheus has had no metrics from other for 2 minutes. Nothing is lost: what agents do now is logged, and"
            " counted once the exporter is back.",
            EXPORTER | {"instance": "other"},
        ),),
    ),
    Case("HookmeterExporterDown", "one scrape fails", {UP: "1x5 0 1x5"}, "8m"),
    Case("HookmeterExporterDown", "it is the server that does not answer", {SERVER_UP: "0x10"}, "9m"),
    Case(
        "HookmeterExporterGone", "a host is no target any more", {UP: "1x60 stale"}, "80m",
        (Fired(
            "Nobody scrapes web any more",
            "web was scraped within the last day, and is not even tried now: its agent is down, or it was taken off the"
            " list of targets.",
            EXPORTER,
        ),),
    ),
    Case(
        "HookmeterExporterGone", "somebody gives a target another label",
        {UP: "1x60 stale", TEAMS_UP: "_x60 1x30"}, "80m",
    ),
    Case("HookmeterExporterGone", "an exporter is down, but still a target", {UP: "1x60 0x30"}, "80m"),
    Case(
        "HookmeterServerDown", "the server does not answer for two minutes", {SERVER_UP: "1x5 0x5"}, "9m",
        (Fired(
            "The server on web-server does not answer",
            "Prometheus has had no metrics from web-server for 2 minutes: nobody can chat, and no task begins.",
            SERVER,
        ),),
    ),
    Case("HookmeterServerDown", "there is no server", {UP: "0x10"}, "9m"),
    Case(
        "HookmeterReadingLags", "lines wait for minutes", {LAG: "0+30x20"}, "10m",
        (Fired(
            "The meter on web lags behind its logs",
            "Lines have waited to be counted for 5m 0s; all figures are that old.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterReadingLags", "a large file takes two minutes", {LAG: "0x5 60 120 0x10"}, "7m"),
    Case("HookmeterReadingLags", "all is read at once", {LAG: "0x40"}, "30m"),
    Case(
        "HookmeterReadingStalled", "nothing is counted any more", {LAG: "0+60x40"}, "20m",
        (Fired(
            "The meter on web counts nothing any more",
            "Lines have waited to be counted for 20m 0s. The ledger cannot be written, or reading fails: a full disk is"
            " the usual reason.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterReadingStalled", "reading lags, and goes on", {LAG: "0+30x20 600x20"}, "35m"),
    Case(
        "HookmeterLedgerFailing", "no write succeeds any more", {FAILED_WRITES: "0x5 0+30x10"}, "12m",
        (Fired(
            "The ledger on web cannot be written",
            "150 writes have failed in 5 minutes; until one succeeds, nothing new is counted. Nothing is lost.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterLedgerFailing", "some writes wait for a backup to end", {FAILED_WRITES: "0x5 20x10"}, "8m"),
    Case("HookmeterLedgerFailing", "they failed an hour ago", {FAILED_WRITES: "40x15"}, "12m"),
    Case(
        "HookmeterLedgerReplaced", "a corrupt ledger was set aside", {CREATED: "1000x60 5000x60"}, "90m",
        (Fired(
            "The counters of web began anew",
            "A new ledger was begun 6m 40s ago, because the one before was lost, or corrupt. Counters say what the logs"
            " still hold, which may be less than they said.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterLedgerReplaced", "an exporter is away for an hour", {CREATED: "1000x60 _x60 1000x20"}, "130m"),
    Case("HookmeterLedgerReplaced", "an exporter is new", {CREATED: "_x60 5000x60"}, "90m"),
    Case(
        "HookmeterCollectorFailing", "a collector fails", {COLLECTOR: "1x5 0x10"}, "12m",
        (Fired(
            "Metrics of spending are missing on web",
            "The collector spending of hookmeter fails, and its metrics are not on the page. The others are right.",
            EXPORTER | {"collector": "spending"},
        ),),
    ),
    Case(
        "HookmeterCollectorFailing", "a collector of the server fails", {OF_SERVER: "1x5 0x10"}, "12m",
        (Fired(
            "Metrics of tasks are missing on web-server",
            "The collector tasks of hookmeter-server fails, and its metrics are not on the page. The others are right.",
            SERVER | {"collector": "tasks"},
        ),),
    ),
    Case("HookmeterCollectorFailing", "all collectors work", {COLLECTOR: "1x15"}, "12m"),
    Case(
        "HookmeterFoldersUnreadable", "two folders may not be read", {UNREADABLE: "2x20"}, "15m",
        (Fired(
            "Logs on web may not be read",
            "2 log folders cannot be read; what happens in their sessions is not counted.",
            EXPORTER,
        ),),
    ),
    Case("HookmeterFoldersUnreadable", "a folder is made that may be read at once", {UNREADABLE: "0x5 1 0x10"}, "15m"),
    Case(
        "HookmeterLinesMalformed", "something else writes into the logs", {MALFORMED: "0+1x60", IGNORED: "0x60"}, "60m",
        (Fired(
            "Broken lines in the logs of web",
            "60 lines of events were no JSON objects in the last hour; what they said is in no figure.",
            EXPORTER | {"source": "events"},
        ),),
    ),
    Case(
        "HookmeterLinesMalformed", "a crash tears one line, and lines of no known kind come",
        {MALFORMED: "0x30 1x30", IGNORED: "0+5x60"}, "60m",
    ),
    Case("HookmeterLinesMalformed", "a new ledger has fewer of them", {MALFORMED: "40x60 30x20"}, "75m"),
    Case(
        "HookmeterLabelOverflow", "tools come that have no room", {OVERFLOW: "0+1x60"}, "60m",
        (Fired(
            "The label tool is full on web",
            '60 events of the last hour were counted as "other", because tool has as many values as it may take.',
            EXPORTER | {"label": "tool"},
        ),),
    ),
    Case("HookmeterLabelOverflow", "it was full long ago", {OVERFLOW: "40x60"}, "60m"),
    Case("HookmeterLabelOverflow", "a new ledger has fewer of them", {OVERFLOW: "40x60 30x20"}, "75m"),
)  # fmt: skip
