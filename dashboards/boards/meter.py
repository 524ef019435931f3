"""Meter health: whether the meter keeps up, what it could not read, and how its own processes do."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, timeseries

from dashboards import meanings as m
from dashboards import panels as p
from dashboards import queries as q
from dashboards.board import Board, Section
from dashboards.links import METER
from dashboards.variables import INSTANCE, SERVER


def board() -> Board:
    """The board."""
    return Board(
        METER,
        "now-6h",
        (INSTANCE, SERVER),
        (
            Section(
                "Is it to be believed?",
                (down(), behind(), malformed(), unreadable(), collectors(), overflow(), restarts(), versions()),
            ),
            Section("Does it read everything, at once?", (lag(), lines())),
            Section(
                "Is the ledger in order, and does the page hold together?",
                (since(), failed_writes(), ledger(), seconds(), samples()),
            ),
            Section("How do its processes do?", (memory(), http(), http_seconds(), connections(), logins())),
        ),
    )


def down() -> stat.Panel:
    about = "Exporters that Prometheus cannot reach."
    panel = p.big("Exporters down", about, p.over_time(q.EXPORTERS_DOWN, "down")).span(3)
    return panel.thresholds(m.NONE_IS_A_MUST).no_value("No exporter is scraped")


def behind() -> stat.Panel:
    about = "For how long there have been lines that are not counted yet; 0 when all are."
    panel = p.big("Behind by", about, p.over_time(q.READ_LAG, "lag")).unit(m.SECONDS).span(3)
    return panel.thresholds(m.LAG)


def malformed() -> stat.Panel:
    about = "Log lines that could not be read, in the time that is shown; each costs itself alone."
    panel = p.big("Malformed lines", about, p.at_the_end(q.MALFORMED)).decimals(0).span(3)
    return panel.thresholds(m.NONE_IS_WELL)


def unreadable() -> stat.Panel:
    about = "Log folders that could not be read at the last try."
    panel = p.big("Unreadable folders", about, p.over_time(q.UNREADABLE, "folders")).span(3)
    return panel.thresholds(m.NONE_IS_A_MUST)


def collectors() -> stat.Panel:
    about = "Subjects that are missing from a page, because their collector failed."
    panel = p.big("Collectors failing", about, p.over_time(q.COLLECTORS_FAILING, "collectors")).span(3)
    return panel.thresholds(m.NONE_IS_A_MUST)


def overflow() -> stat.Panel:
    about = "Events counted as `other` in the time that is shown, because a label had reached its limit of values."
    panel = p.big("Label overflow", about, p.at_the_end(q.OVERFLOW)).decimals(0).span(3)
    return panel.thresholds(m.NONE_IS_WELL)


def restarts() -> stat.Panel:
    about = "How often exporters were restarted in the time that is shown. Counters go on where they stood."
    panel = p.big("Restarts", about, p.at_the_end(q.RESTARTS)).decimals(0).span(3)
    return panel.thresholds(m.RESTARTS)


def versions() -> stat.Panel:
    about = "The versions that run, and on how many hosts."
    return p.named(p.big("Version", about, p.over_time(q.VERSIONS, "{{version}}")).span(3))


def lag() -> timeseries.Panel:
    about = "For how long there were lines that were not counted yet; the lines are at 1 and at 10 minutes."
    panel = p.lines("Behind by, over time", about, p.over_time(q.READ_LAG_BY_HOST, "{{instance}}")).unit(m.SECONDS)
    return p.drawn_at_thresholds(p.shaded(panel.thresholds(m.LAG)))


def lines() -> timeseries.Panel:
    about = "Lines read a minute, and what became of them; ignored ones are of a kind that nothing counts."
    panel = p.areas("Lines a minute", about, p.over_time(q.LINES_BY_RESULT, "{{result}}")).unit(m.PER_MINUTE)
    return p.coloured(panel, m.LINES)


def since() -> stat.Panel:
    about = "Since when the ledger has been counting; of several, the newest. It is to be older than all that is shown."
    panel = p.big("Counting since", about, p.at_the_end(q.COUNTING_SINCE)).unit(m.AGO).span(3).height(8)
    return panel.no_value(m.NO_EXPORTER)


def failed_writes() -> stat.Panel:
    about = "How often the ledger could not be written in the time that is shown; it is tried every two seconds."
    panel = p.big("Failed writes", about, p.at_the_end(q.FAILED_WRITES)).decimals(0).span(3).height(8)
    return panel.thresholds(m.NONE_IS_WELL).no_value(m.NO_EXPORTER)


def ledger() -> timeseries.Panel:
    about = "Calls that the ledger holds open until they end, after 24 hours as unknown; and files that it follows."
    panel = p.lines("Ledger", about, p.over_time(q.HELD, "{{name}}")).span(6)
    return p.coloured(p.on_the_right(panel, "files"), m.LEDGER)


def seconds() -> timeseries.Panel:
    about = "How long each collector took for its part of the page."
    query = p.over_time(q.COLLECTOR_SECONDS, "{{collector}}")
    return p.shaded(p.areas("Time for the page, by collector", about, query)).unit(m.SECONDS).span(6)


def samples() -> timeseries.Panel:
    about = f"Samples on each host's page; in a fleet of hundreds of hosts, each should stay under {q.SERIES_BOUND}."
    panel = p.lines("Series of each exporter", about, p.over_time(q.SAMPLES_BY_HOST, "{{instance}}")).span(6)
    return p.drawn_at_thresholds(p.shaded(panel.thresholds(m.SERIES)))


def memory() -> timeseries.Panel:
    about = "Memory that each exporter holds."
    panel = p.lines("Memory", about, p.over_time(q.MEMORY_BY_HOST, "{{instance}}")).unit(m.BYTES)
    return p.shaded(panel).span(8)


def http() -> timeseries.Panel:
    about = "Requests that the chat server answered, by status code."
    panel = (
        p.areas("Requests a second, by status", about, p.over_time(q.HTTP_BY_CODE, "{{code}}"))
        .unit(m.PER_SECOND)
        .span(8)
    )
    return p.coloured_like(panel.no_value(m.NO_SERVER), m.CODES)


def http_seconds() -> timeseries.Panel:
    about = "How long it took until the chat server's answers began, for all but one in twenty, by route."
    panel = p.lines("Answers begin after, by route", about, p.over_time(q.HTTP_P95_BY_ROUTE, "{{route}}")).unit(
        m.SECONDS
    )
    return p.logarithmic(panel.interval("5m").span(8).no_value(m.NO_SERVER))


def connections() -> timeseries.Panel:
    about = "Clients of the chat server that follow its live metrics, and chats that are open."
    panel = p.lines("Connections", about, p.over_time(q.CONNECTIONS, "{{name}}"))
    return p.coloured(panel.no_value(m.NO_SERVER), m.CONNECTIONS)


def logins() -> timeseries.Panel:
    about = "Log-ins a minute: successes, failures, and those that were refused because there were too many."
    panel = p.bars("Log-ins a minute", about, p.over_time(q.LOGINS_BY_RESULT, "{{result}}")).unit(m.PER_MINUTE)
    return p.coloured(panel.no_value(m.NO_SERVER), m.LOGINS)
