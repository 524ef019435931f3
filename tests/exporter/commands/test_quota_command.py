"""`hookmeter quota`: with and without reported windows, as a table and as JSON."""

from __future__ import annotations

import json
import time

from exporter.sources.quotas import FILE_NAME
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, now_us
from tests.support.synthetic_transcripts import transcript_call
from tests.support.transcript_lines import SESSION


def report(home: Home, window: str, used: float, resets_in_hours: float) -> None:
    """Write what a status line has recorded."""
    seen = time.time()
    stored = {"used_percentage": used, "resets_at": seen + 3600 * resets_in_hours + 30, "seen_at": seen}
    home.sessions.mkdir(parents=True, exist_ok=True)
    (home.sessions / FILE_NAME).write_text(json.dumps({"windows": {window: stored}}))


def spend(home: Home) -> None:
    for hours in (0, 24, 48, 72, 96, 120, 144):
        transcript_call(home.path / ".claude" / "projects", f"{SESSION[:-3]}{hours:03}", now_us() - hours * HOUR_US)


def test_windows_that_were_reported(home: Home) -> None:
    report(home, "five_hour", 90, 2)
    result = home.run("quota")
    assert (result.returncode, result.stderr) == (0, "")
    heading, window, *_ = result.stdout.splitlines()
    assert heading.split() == ["quota", "used", "of", "ends", "in", "rate", "at", "the", "end"]
    assert window.split() == ["5", "hours", "90%", "100%", "2", "h", "0", "min", window.split()[8], "150%"]
    assert "At this rate, the 5 hours are used up at " in result.stdout


def test_limits_that_nothing_reports_are_estimated_and_labelled(home: Home) -> None:
    spend(home)
    result = home.run("quota", "--daily-budget-usd", "10", "--monthly-budget-usd", "200")
    _, estimated, day, month, *sentences = result.stdout.splitlines()
    assert estimated.startswith("5 hours (estimated)")
    assert "~$" in estimated
    assert " $10.00 " in day
    assert " $200.00 " in month
    assert sentences[0] == (
        "Estimated, as nothing reports the window of five hours: the limit is the P90 of what 6 earlier blocks of five"
        " hours cost."
    )


def test_json_agrees_with_the_cost_report(home: Home) -> None:
    spend(home)
    report(home, "seven_day", 20, 24)
    found = json.loads(home.run("quota", "--json").stdout)
    assert [(window["window"], window["used"]) for window in found["windows"]] == [("seven_day", 0.2)]
    cost = json.loads(home.run("cost", "--since", f"{time.strftime('%Y-%m-%d', time.gmtime())}", "--json").stdout)
    assert found["periods"][0]["spent_usd"] == cost["total"]["cost_usd"]


def test_without_anything_it_says_how_to_record_quotas(home: Home) -> None:
    result = home.run("quota")
    assert result.returncode == 0
    assert "hookmeter hooks install --statusline" in result.stdout.splitlines()[-1]
