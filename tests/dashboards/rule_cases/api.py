from __future__ import annotations

from tests.dashboards.rule_cases.case import EXPORTER, PAGE, Case, Fired, exporter

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
        {PAGE: "0x90", OVERLOADED: "0x40 0+1x50", ANSWERED: "9+1x90"}, "80m", (FIRED,),
    ),
    Case(
        "ClaudeApiErrorsHigh", "the API has never answered",
        {PAGE: "0x90", OVERLOADED: "0x40 0+1x50", ABANDONED: "_x60 1x30"}, "80m", (ALL_FAIL,),
    ),
    Case(
        "ClaudeApiErrorsHigh", "twelve requests failed while the exporter was away",
        {PAGE: "0x50 _x60 0x40", ABANDONED: "0x50 _x60 12x40", ANSWERED: "9x50 _x60 9x40"}, "118m", (ALL_FAIL,),
    ),
    Case(
        "ClaudeApiErrorsHigh", "one request in ten fails",
        {PAGE: "0x90", OVERLOADED: "0+1x90", ANSWERED: "0+9x90"}, "80m",
    ),
    Case(
        "ClaudeApiErrorsHigh", "the only request of an hour fails",
        {PAGE: "0x90", ABANDONED: "0x60 1x30", ANSWERED: "9x90"}, "80m",
    ),
)  # fmt: skip
