"""The alert on requests to the API that fail."""

from __future__ import annotations

from dashboards.alerting.record import Alert, Board, Severity

ERRORS, ANSWERS = "instance:claude_api_errors:increase30m", "instance:claude_api_requests:increase30m"
# An agent retries a request up to ten times, so a short incident is a handful of errors.
MAX_ERROR_RATIO, MIN_ERRORS = 0.25, 10

ALERTS = (
    Alert(
        "ClaudeApiErrorsHigh",
        Severity.WARNING,
        Board.QUOTA,
        f"{ERRORS} / ({ERRORS} + ({ANSWERS} or 0 * {ERRORS})) > {MAX_ERROR_RATIO}\nand\n{ERRORS} >= {MIN_ERRORS}",
        "5m",
        "Many API requests fail on {{ $labels.instance }}",
        "{{ $value | humanizePercentage }} of the API requests of the last 30 minutes failed. Agents wait for retries,"
        " or stop.",
    ),
)
