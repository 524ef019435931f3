"""What the boards share: units, colors, thresholds, display names and no-data texts."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import Threshold

from dashboards.queries import MAX_SERIES, TASK_OBJECTIVE

NUMBER, SHORT, RATIO, DOLLARS, SECONDS = "locale", "short", "percentunit", "currencyUSD", "s"
BYTES, TIME_FROM_NOW = "bytes", "dateTimeFromNow"
PER_SECOND, PER_MINUTE, TIMES = "suffix: /s", "suffix: /min", "suffix: ×"

OK, NOTICE, WARNING, CRITICAL = "green", "yellow", "orange", "red"
PRIMARY, SECONDARY, MUTED, TEXT = "blue", "purple", "#8e8e8e", "text"

OUTCOME_COLORS = {"success": OK, "error": CRITICAL, "denied": WARNING, "interrupted": NOTICE, "unknown": MUTED}
TASK_COLORS = {"completed": OK, "failed": CRITICAL, "stopped": MUTED, "running": PRIMARY, "pending": NOTICE}
SLOT_COLORS = {"busy": PRIMARY, "free": MUTED}
QUANTILE_COLORS = {"p50": PRIMARY, "p95": WARNING, "p99": CRITICAL}
LINE_COLORS = {"counted": OK, "duplicate": NOTICE, "ignored": MUTED, "malformed": CRITICAL}
WINDOW_COLORS = {"five_hour": PRIMARY, "seven_day": SECONDARY}
PERIOD_COLORS = {"day": PRIMARY, "month": SECONDARY}
CONNECTION_COLORS = {"live pages": PRIMARY, "chats": SECONDARY}
STATUS_CODE_COLORS = {"/2../": OK, "/3../": MUTED, "/4../": WARNING, "/5../": CRITICAL}
LEDGER_COLORS = {"open calls": PRIMARY, "files": MUTED}
PERMISSION_COLORS = {"requested": PRIMARY, "denied": WARNING}
BURN_RATE_COLORS = {"1 hour": PRIMARY, "6 hours": SECONDARY}
API_STATUS_COLORS = {"429": WARNING, "500": CRITICAL, "529": SECONDARY, "network": MUTED}
LOGIN_COLORS = {"success": OK, "failure": WARNING, "limited": CRITICAL}

WINDOW_NAMES = {"five_hour": "5 hours", "seven_day": "7 days"}
PERIOD_NAMES = {"day": "today", "month": "this month"}
BUDGET_NAMES = {"day": "daily budget", "month": "monthly budget"}
OBJECTIVE = f"{TASK_OBJECTIVE:.0%}"
PRICED_ONLY = "Models without a known price are excluded."

NO_DATA = "No data in the selected range"
NO_BUDGET = "No budget set: use --daily-budget-usd or --monthly-budget-usd"
NO_QUOTA = "No quota reported: run hookmeter hooks install --statusline"
NO_QUOTA_USE = "No quota is being used"
NOBODY_WAITS = "No session waits"
NO_EXPORTER = "No exporter is scraped"
NO_ALERT_RULES = "Prometheus evaluates no alerts of hookmeter"
NO_SERVER = "No chat server is scraped"
NO_TASKS = "No tasks, or no chat server is scraped"
NO_MCP = "No MCP calls"
NO_API_ERRORS = "No API errors"
EXEMPLARS = "Exemplars link to the session."


def steps(*bounds: tuple[float, str], below: str = OK) -> ThresholdsConfig:
    """Thresholds: a color from each bound on, and one below the first."""
    thresholds = [Threshold(None, below), *(Threshold(bound, color) for bound, color in bounds)]
    return ThresholdsConfig().steps(thresholds)


NEUTRAL, NEUTRAL_BARS = steps(below=TEXT), steps(below=PRIMARY)
WARNING_IF_ANY, CRITICAL_IF_ANY = steps((1, WARNING)), steps((1, CRITICAL))
LAG = steps((60, WARNING), (600, CRITICAL))
ERROR_RATE = steps((0.1, WARNING), (0.2, CRITICAL))
BUDGET = steps((0.8, WARNING), (1, CRITICAL))
QUOTA = steps((0.8, WARNING), (0.9, CRITICAL))
PROJECTED_QUOTA = steps((0.8, WARNING), (1, CRITICAL))
REPORT_AGE = steps((3600, NOTICE), (86400, WARNING))
CACHE_HIT_RATE = steps((0.5, WARNING), (0.8, OK), below=CRITICAL)
CACHE_SAVINGS = steps((0, OK), below=CRITICAL)
SUCCESS_RATE = steps((TASK_OBJECTIVE - 0.1, WARNING), (TASK_OBJECTIVE, OK), below=CRITICAL)
ERROR_BUDGET = steps((0, WARNING), (0.25, OK), below=CRITICAL)
BURN_RATE = steps((1, WARNING), (14, CRITICAL))
RESTARTS = steps((1, NOTICE), (5, WARNING))
SERIES = steps((MAX_SERIES, WARNING))
UNPRICED = steps(below=WARNING)
