from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, Case, Fired, exporter

BASH = EXPORTER | {"tool": "Bash"}
ERRORS = exporter("claude_tool_calls_total", tool="Bash", agent="main", outcome="error")
SUCCESSES = exporter("claude_tool_calls_total", tool="Bash", agent="main", outcome="success")
READS = exporter("claude_tool_calls_total", tool="Read", agent="main", outcome="success")
IN_FLIGHT = exporter("claude_tool_calls_in_flight", tool="Bash")


def durations(quick: str, slow: str) -> dict[str, str]:
    """Calls of up to a second, and calls of 5 to 60 seconds; `slow` are all of them."""
    buckets = {"1.0": quick, "5.0": quick, "60.0": slow, "+Inf": slow}
    return {exporter("claude_tool_call_duration_seconds_bucket", tool="Bash", le=le): v for le, v in buckets.items()}


CASES = (
    Case(
        "ClaudeToolErrorsSurge", "six of ten calls fail for an hour", {ERRORS: "0+6x90", SUCCESSES: "0+4x90"}, "70m",
        (Fired(
            "Most tool calls fail on web",
            "60% of the tool calls of the last hour failed, over 5 times what the objective of 90% allows, and they"
            " still do.",
            EXPORTER,
        ),),
    ),
    Case(
        "ClaudeToolErrorsSurge", "they have stopped failing", {ERRORS: "0+6x60 360x30", SUCCESSES: "0+4x90"}, "75m"
    ),
    Case("ClaudeToolErrorsSurge", "all of a few calls fail", {ERRORS: "0x60 0+1x10", SUCCESSES: "0x70"}, "70m"),
    Case(
        "ClaudeToolErrorsHigh", "three of ten calls fail for hours", {ERRORS: "0+3x420", SUCCESSES: "0+7x420"}, "400m",
        (Fired(
            "Many tool calls fail on web",
            "30% of the tool calls of the last 6 hours failed, over 2 times what the objective of 90% allows, and they"
            " still do.",
            EXPORTER,
        ),),
    ),
    Case("ClaudeToolErrorsHigh", "one of ten fails", {ERRORS: "0+1x420", SUCCESSES: "0+9x420"}, "400m"),
    Case(
        "ClaudeToolFailing", "a tool fails among others that work",
        {ERRORS: "0+3x90", SUCCESSES: "0+1x90", READS: "0+50x90"}, "80m",
        (Fired("Bash fails on web", "75% of the calls of Bash failed in the last hour.", BASH),),
    ),
    Case("ClaudeToolFailing", "it fails as often as it works", {ERRORS: "0+1x90", SUCCESSES: "0+1x90"}, "80m"),
    Case("ClaudeToolFailing", "five calls in an hour are few", {ERRORS: "0x60 0+1x5 5x20", SUCCESSES: "0x90"}, "80m"),
    Case(
        "ClaudeToolSlow", "calls take far longer than they did",
        {**durations("0+1x240 240x120", "0+1x360"), READS: "0x360", SUCCESSES: "0+1x360"}, "330m",
        (Fired(
            "Bash is slow on web",
            "One call of Bash in twenty took longer than 57.25s in the last hour, more than 3 times what is usual in a"
            " week.",
            BASH,
        ),),
    ),
    Case("ClaudeToolSlow", "it is always so slow", {**durations("0x360", "0+1x360"), SUCCESSES: "0+1x360"}, "330m"),
    Case(
        "ClaudeToolCallsStuck", "two calls do not end", {IN_FLIGHT: "0x5 2x60", SUCCESSES: "9x65"}, "50m",
        (Fired(
            "Calls of Bash do not end on web",
            "2 calls of Bash are open, and none has ended for 45 minutes. Agents may wait for somebody's answer.",
            BASH,
        ),),
    ),
    Case("ClaudeToolCallsStuck", "calls are always open, and end", {IN_FLIGHT: "2x65", SUCCESSES: "0+1x65"}, "60m"),
)  # fmt: skip
