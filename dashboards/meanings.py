"""What boards have in common in meaning: units, colours, thresholds, names among people, and what to say of no data."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import Threshold

from dashboards.queries import SERIES_BOUND, TASK_OBJECTIVE

NUMBER, COUNT, SHARE, DOLLARS, SECONDS = "locale", "short", "percentunit", "currencyUSD", "s"
BYTES, AGO = "bytes", "dateTimeFromNow"
PER_SECOND, PER_MINUTE, TIMES = "suffix: /s", "suffix: /min", "suffix: ×"

# Green is well, orange a warning, red bad; what is neither is plain.
WELL, NOTICE, WARNING, BAD, PLAIN, OTHER, FAINT, TEXT = (
    "green",
    "yellow",
    "orange",
    "red",
    "blue",
    "purple",
    "#8e8e8e",
    "text",
)
OUTCOMES = {"success": WELL, "error": BAD, "denied": WARNING, "interrupted": NOTICE, "unknown": FAINT}
TASKS = {"completed": WELL, "failed": BAD, "stopped": FAINT, "running": PLAIN, "pending": NOTICE}
SLOTS = {"busy": PLAIN, "free": FAINT}
RANKS = {"median": PLAIN, "95 %": WARNING, "99 %": BAD}
LINES = {"counted": WELL, "duplicate": NOTICE, "ignored": FAINT, "malformed": BAD}
WINDOW_COLOURS = {"five_hour": PLAIN, "seven_day": OTHER}
PERIOD_COLOURS = {"day": PLAIN, "month": OTHER}
CONNECTIONS = {"live pages": PLAIN, "chats": OTHER}
CODES = {"/2../": WELL, "/3../": FAINT, "/4../": WARNING, "/5../": BAD}
LEDGER = {"open calls": PLAIN, "files": FAINT}
PERMISSIONS = {"asked": PLAIN, "denied": WARNING}
BURNS = {"1 hour": PLAIN, "6 hours": OTHER}
LOGINS = {"success": WELL, "failure": WARNING, "limited": BAD}

WINDOWS = {"five_hour": "5 hours", "seven_day": "7 days"}
PERIODS = {"day": "today", "month": "this month"}
OBJECTIVE = f"{TASK_OBJECTIVE:.0%}"

NOTHING = "Nothing in this time"
NO_BUDGET = "No budget is set: --daily-budget-usd, --monthly-budget-usd"
NO_QUOTA = "Nobody has told: hookmeter hooks install --statusline"
NO_EXPORTER = "No exporter is scraped"
NO_SERVER = "No chat server is scraped"
NO_TASKS = "No tasks, or no chat server is scraped"
NO_MCP = "No MCP server was called"
EXEMPLARS = "A point leads to the session that it is of."


def steps(*bounds: tuple[float, str], below: str = WELL) -> ThresholdsConfig:
    """Thresholds: a colour up to the first bound, and one from each bound on."""
    found = [Threshold(None, below), *(Threshold(bound, colour) for bound, colour in bounds)]
    return ThresholdsConfig().steps(found)


NEUTRAL, NEUTRAL_BARS = steps(below=TEXT), steps(below=PLAIN)
NONE_IS_WELL, NONE_IS_A_MUST = steps((1, WARNING)), steps((1, BAD))
LAG = steps((60, WARNING), (600, BAD))
ERRORS = steps((0.1, WARNING), (0.2, BAD))
BUDGET = steps((0.8, WARNING), (1, BAD))
QUOTA = steps((0.8, WARNING), (0.9, BAD))
QUOTA_AT_RESET = steps((0.8, WARNING), (1, BAD))
HEARD_OF = steps((3600, NOTICE), (86400, WARNING))
HITS = steps((0.5, WARNING), (0.8, WELL), below=BAD)
WORTH = steps((0, WELL), below=BAD)
OBJECTIVE_MET = steps((TASK_OBJECTIVE - 0.1, WARNING), (TASK_OBJECTIVE, WELL), below=BAD)
FAILURES_LEFT = steps((0, WARNING), (0.25, WELL), below=BAD)
BURN = steps((1, WARNING), (14, BAD))
RESTARTS = steps((1, NOTICE), (5, WARNING))
SERIES = steps((SERIES_BOUND, WARNING))
UNPRICED = steps(below=WARNING)
