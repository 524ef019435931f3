"""`hookmeter sessions UUID --csv` and its other formats."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.support.eventful_session import EVENTFUL, PROMPT, SECRET, SUBJECTS, write_eventful_session
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import MINUTE_US, now_us


@pytest.fixture
def eventful(home: Home) -> Home:
    write_eventful_session(home.sessions, home.path / ".claude" / "projects", now_us() - 20 * MINUTE_US)
    return home


def test_each_format_is_one_session_redacted(eventful: Home) -> None:
    texts = {form: eventful.run("sessions", EVENTFUL[:8], f"--{form}").stdout for form in ("json", "csv", "markdown")}
    assert not any(SECRET in text for text in texts.values())
    rows = list(csv.DictReader(io.StringIO(texts["csv"])))
    assert [row["text"] for row in rows if row["kind"] == "call"] == list(SUBJECTS)
    parts = json.loads(texts["json"])
    assert [one["subject"] for one in parts["tools"]] == list(SUBJECTS)
    assert f"```text\n  {PROMPT.partition(chr(10))[0]}" in texts["markdown"]


def test_the_costs_are_those_of_the_session(eventful: Home) -> None:
    (listed,) = json.loads(eventful.run("sessions", "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(eventful.run("sessions", EVENTFUL, "--csv").stdout)))
    costs = [float(row["cost_usd"]) for row in rows if row["cost_usd"]]
    assert sum(costs) == pytest.approx(listed["cost_usd"])
    assert max(float(row["total_usd"]) for row in rows if row["total_usd"]) == pytest.approx(listed["cost_usd"])


def test_options_that_do_not_fit_are_refused(eventful: Home) -> None:
    assert "--json and --csv exclude each other" in eventful.refused("sessions", EVENTFUL, "--json", "--csv")
    assert "hookmeter sessions UUID --csv" in eventful.refused("sessions", "--csv")
