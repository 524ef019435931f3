"""Cases of exact increases: new series, outages, new targets and lost ledgers."""

from __future__ import annotations

from dashboards.increases import recorded
from tests.dashboards.rule_cases.case import EXPORTER, PAGE, Recorded, exporter, labelled

BASH = exporter("claude_tool_calls_total", tool="Bash", agent="main", outcome="error")
READ = exporter("claude_tool_calls_total", tool="Read", agent="main", outcome="success")
LABELLED = exporter("claude_tool_calls_total", tool="Bash", agent="main", outcome="error", team="build")
LABELLED_PAGE = exporter("hookmeter_read_lag_seconds", team="build")


def case(when: str, series: dict[str, str], at: str, bash: float | None = None, read: float | None = None) -> Recorded:
    """The increases in the last hour of calls that fail (`bash`) and of calls that succeed (`read`)."""
    values = {
        labelled(**EXPORTER, agent="main", tool="Bash", outcome="error"): bash,
        labelled(**EXPORTER, agent="main", tool="Read", outcome="success"): read,
    }
    increased = {labels: value for labels, value in values.items() if value is not None}
    return Recorded(recorded("claude_tool_calls", "1h"), series, at, increased, when=when)


CASES = (
    case("a series is old", {BASH: "4x70 9x50"}, "100m", 5),
    case("a series is old, and nothing has happened", {BASH: "4x120"}, "100m"),
    case("a series is new", {PAGE: "0x120", BASH: "_x70 3x50"}, "100m", 3),
    case("a series has a single sample", {PAGE: "0x120", BASH: "_x100 3x20"}, "101m", 3),
    case("an exporter is down when the hour begins", {PAGE: "0x20 _x60 0x60", BASH: "2x20 _x60 8x60"}, "110m", 6),
    case(
        "a series is new after an outage", {PAGE: "0x20 _x60 0x60", BASH: "_x81 8x60", READ: "5x20 _x60 6x60"},
        "110m", 8, 1,
    ),
    case("an exporter was down for hours", {PAGE: "0x20 _x300 0x60", BASH: "2x20 _x300 8x60"}, "330m", 6),
    case("an exporter was down for two days", {PAGE: "0x20 _x2880 0x60", BASH: "2x20 _x2880 8x60"}, "2910m"),
    case("an exporter went down", {PAGE: "0x90 _x60", BASH: "4x60 9x30 _x60"}, "110m", 5),
    case("one scrape failed", {PAGE: "0x95 _ 0x60", BASH: "4x70 9x25 _ 9x60"}, "97m", 5),
    case("an exporter has a history when it is first scraped", {PAGE: "_x80 0x40", BASH: "_x80 500x40"}, "100m"),
    case(
        "a new exporter counts its first calls of a tool",
        {PAGE: "_x80 0x40", BASH: "_x81 1x40", READ: "_x80 70x10 80x30"}, "100m", 1, 10,
    ),
    case("a ledger was lost", {PAGE: "0x120", BASH: "40x70 30x10 32x40"}, "100m", 2),
    case(
        "a target has a new label",
        {PAGE: "0x80 stale", BASH: "4x70 6x10 stale", LABELLED_PAGE: "_x80 0x40", LABELLED: "_x80 7x40"},
        "100m", 3,
    ),
    case(
        "the series with a new label are scraped before the others end",
        {PAGE: "0x101", BASH: "4x101", LABELLED_PAGE: "_x100 0x20", LABELLED: "_x100 4x20"}, "100m",
    ),
)  # fmt: skip
