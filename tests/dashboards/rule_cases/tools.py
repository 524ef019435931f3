from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, PAGE, Case, Fired, exporter

BASH = EXPORTER | {"tool": "Bash"}
ERRORS = exporter("claude_tool_calls_total", tool="Bash", agent="main", outcome="error")
SUCCESSES = exporter("claude_tool_calls_total", tool="Bash", agent="main", outcome="success")
READS = exporter("claude_tool_calls_total", tool="Read", agent="main", outcome="success")
IN_FLIGHT = exporter("claude_tool_calls_in_flight", tool="Bash")
AWAITED = exporter("claude_tool_calls_in_flight", tool="Agent")
IN_BACKGROUND = exporter("claude_background_commands_running")


def durations(quick: str, slow: str) -> dict[str, str]:
    """Buckets of calls of up to a second (`quick`), and of all calls, of up to 60 seconds (`slow`)."""
    buckets = {"1.0": quick, "5.0": quick, "60.0": slow, "+Inf": slow}
    return {exporter("claude_tool_call_duration_seconds_bucket", tool="Bash", le=le): v for le, v in buckets.items()}


CASES = (
    Case(
        "ClaudeToolErrorsSurge", "six of ten calls fail for an hour", {ERRORS: "0+6x90", SUCCESSES: "0+4x90"}, "70m",
        (Fired(
            "Most tool calls fail on web",
            "60% of the tool calls of the last hour failed, over 5 times what the objective of 90% allows, and calls"
            " are still failing.",
            EXPORTER,
        ),),
    ),
    Case(
        "ClaudeToolErrorsSurge", "calls have stopped failing", {ERRORS: "0+6x60 360x30", SUCCESSES: "0+4x90"}, "75m"
    ),
    Case(
        "ClaudeToolErrorsSurge", "the first 16 failures of a tool, among 256 calls",
        {PAGE: "0x90", ERRORS: "_x66 16x20", SUCCESSES: "0+4x90"}, "70m",
    ),
    Case("ClaudeToolErrorsSurge", "all of a few calls fail", {ERRORS: "0x60 0+1x10", SUCCESSES: "0x70"}, "70m"),
    Case(
        "ClaudeToolErrorsHigh", "three of ten calls fail for hours", {ERRORS: "0+3x420", SUCCESSES: "0+7x420"}, "400m",
        (Fired(
            "Many tool calls fail on web",
            "30% of the tool calls of the last 6 hours failed, over 2 times what the objective of 90% allows, and"
            " calls are still failing.",
            EXPORTER,
        ),),
    ),
    Case("ClaudeToolErrorsHigh", "one of ten fails", {ERRORS: "0+1x420", SUCCESSES: "0+9x420"}, "400m"),
    Case(
        "ClaudeToolFailing", "a tool fails among others that work",
        {ERRORS: "0+3x90", SUCCESSES: "0+1x90", READS: "0+50x90"}, "80m",
        (Fired("Bash fails on web", "75% of the Bash calls of the last hour failed.", BASH),),
    ),
    Case("ClaudeToolFailing", "it fails as often as it works", {ERRORS: "0+1x90", SUCCESSES: "0+1x90"}, "80m"),
    Case("ClaudeToolFailing", "only five calls in an hour", {ERRORS: "0x60 0+1x5 5x20", SUCCESSES: "0x90"}, "80m"),
    Case(
        "ClaudeToolSlow", "calls take much longer than before",
        {**durations("0+1x240 240x120", "0+1x360"), READS: "0x360", SUCCESSES: "0+1x360"}, "330m",
        (Fired(
            "Bash is slow on web",
            "The p95 duration of Bash calls in the last hour was 57.25s, more than 3 times the weekly average.",
            BASH,
        ),),
    ),
    Case("ClaudeToolSlow", "it has always been slow", {**durations("0x360", "0+1x360"), SUCCESSES: "0+1x360"}, "330m"),
    Case(
        "ClaudeToolCallsStuck", "two calls do not end",
        {PAGE: "0x65", IN_FLIGHT: "0x5 2x60", SUCCESSES: "9x65"}, "50m",
        (Fired(
            "Bash calls do not end on web",
            "2 Bash calls are in flight, and none has ended for 45 minutes. Agents may be waiting for an answer or a"
            " permission.",
            BASH,
        ),),
    ),
    Case(
        "ClaudeToolCallsStuck", "the first call of a tool ended five minutes ago",
        {PAGE: "0x65", IN_FLIGHT: "0x5 2x60", SUCCESSES: "_x45 1x20"}, "50m",
    ),
    Case(
        "ClaudeToolCallsStuck", "an exporter is scraped for the first time",
        {PAGE: "_x30 0x60", IN_FLIGHT: "_x30 2x60", SUCCESSES: "_x30 9x60"}, "60m",
    ),
    Case("ClaudeToolCallsStuck", "an agent waits for its sub-agent", {AWAITED: "1x65"}, "60m"),
    Case("ClaudeToolCallsStuck", "a server runs in the background", {IN_BACKGROUND: "1x65", IN_FLIGHT: "0x65"}, "60m"),
    Case("ClaudeToolCallsStuck", "calls are in flight, and end", {IN_FLIGHT: "2x65", SUCCESSES: "0+1x65"}, "60m"),
)  # fmt: skip
