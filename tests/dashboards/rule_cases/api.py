from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, Case, Fired, exporter

UP = exporter("up")
OVERLOADED = exporter("claude_api_errors_total", status="529", outcome="retried")
ABANDONED = exporter("claude_api_errors_total", status="529", outcome="abandoned")
ANSWERED = exporter("claude_api_requests_total", model="opus")
FIRED = Fired(
    "Many API requests fail on web",
    "50% of the API requests of the last 30 minutes failed. Agents wait for retries, or stop.",
    EXPORTER,
)
ALL_FAIL = Fired(FIRED.summary, FIRED.description.replace("50%", "100%"), EXPORTER)

CASES = (
    Case(
        "ClaudeApiErrorsHigh", "half of all requests fail",
        {UP: "1x90", OVERLOADED: "0x40 0+1x50", ANSWERED: "9+1x90"}, "80m", (FIRED,),
    ),
    Case(
        "ClaudeApiErrorsHigh", "the API has never answered",
        {UP: "1x90", OVERLOADED: "0x40 0+1x50", ABANDONED: "_x60 1x30"}, "80m", (ALL_FAIL,),
    ),
    Case(
        "ClaudeApiErrorsHigh", "one request in ten fails", {UP: "1x90", OVERLOADED: "0+1x90", ANSWERED: "0+9x90"}, "80m"
    ),
    Case(
        "ClaudeApiErrorsHigh", "the only request of an hour fails",
        {UP: "1x90", ABANDONED: "0x60 1x30", ANSWERED: "9x90"}, "80m",
    ),
)  # fmt: skip
