"""Claude Code's own telemetry next to hookmeter: where they agree, and what docs/faq.md says that it lacks."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.e2e.processes import answer, free_port, wait_for
from tests.e2e.test_costs import TOLERANCE_USD, by, report
from tests.e2e.workplace import Workplace
from tests.support.inbox import Inbox, open_inbox

COST, TOKENS = "claude_code.cost.usage", "claude_code.token.usage"
ENABLED = {"CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}
AT_WORK = ("script:sleepy", "--allowedTools", "Bash")  # until there is a file `awake`


class Point(NamedTuple):
    """A value of a metric."""

    metric: str
    labels: dict[str, Any]
    value: float


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as found:
        yield found


def exported_to(inbox: Inbox) -> dict[str, str]:
    return {**ENABLED, "OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{inbox.address}"}


def points(inbox: Inbox) -> Iterator[Point]:
    """All that Claude Code has exported."""
    while not inbox.received.empty():
        _, body = inbox.received.get()
        for resource in json.loads(body)["resourceMetrics"]:
            for metric in (one for scope in resource["scopeMetrics"] for one in scope["metrics"]):
                for point in metric["sum"]["dataPoints"]:
                    labels = {one["key"]: next(iter(one["value"].values())) for one in point["attributes"]}
                    yield Point(metric["name"], labels, float(point.get("asDouble", point.get("asInt"))))


def test_costs_of_agents_agree_and_projects_and_calls_are_missing(workplace: Workplace, inbox: Inbox) -> None:
    stream = workplace.answer("script:delegate", **exported_to(inbox))
    total = json.loads(stream.splitlines()[-1])["total_cost_usd"]
    found = list(points(inbox))
    ours = by("agent", report(workplace, "--by", "agent"))
    assert sum(row["cost_usd"] for row in ours.values()) == pytest.approx(total, abs=TOLERANCE_USD)
    for agent, row in ours.items():
        theirs = [one.value for one in found if one.metric == COST and one.labels.get("agent.name", "main") == agent]
        assert sum(theirs) == pytest.approx(row["cost_usd"], abs=TOLERANCE_USD), agent
    assert not [one for one in found if "project" in str(one.labels) or workplace.project.name in one.labels.values()]
    assert {one.metric for one in found if "tool" in one.metric} <= {"claude_code.code_edit_tool.decision"}
    assert all(one.labels["session.id"] for one in found)


def test_a_resumed_session_counts_twice_there_and_its_counters_are_deltas(workplace: Workplace, inbox: Inbox) -> None:
    session, exported = str(uuid.uuid4()), exported_to(inbox)
    workplace.answer("script:cached", "--session-id", session, **exported)
    workplace.answer("script:cached", "--resume", session, **exported)
    found = list(points(inbox))
    counted = [one for one in found if one.metric == "claude_code.session.count"]
    assert [one.value for one in counted] == [1, 1]
    assert [one.labels["start_type"] == "resume" for one in counted] == [False, True]
    assert {one.labels["session.id"] for one in counted} == {session}
    costs = [one.value for one in found if one.metric == COST]
    assert sum(costs) == pytest.approx(report(workplace)["total"]["cost_usd"], abs=TOLERANCE_USD)
    assert "claude_code.active_time.total" in {one.metric for one in found}
    assert workplace.page()[("claude_sessions_started_total", (("project", workplace.project.name),))] == 1


def test_a_killed_process_exports_nothing_and_its_messages_count(workplace: Workplace, inbox: Inbox) -> None:
    with workplace.working(*AT_WORK, **exported_to(inbox)) as process:
        wait_for(lambda: workplace.has_written('"usage"'), "the first answer to be in the transcript")
        process.kill()
        (workplace.project / "awake").touch()  # for the command that it leaves behind
    assert list(points(inbox)) == []
    assert report(workplace)["total"]["cost_usd"] > 0


def test_prometheus_sees_one_of_two_sessions_and_nothing_once_they_have_ended(workplace: Workplace) -> None:
    port = free_port()
    served = {**ENABLED, "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": str(port)}
    page = f"http://127.0.0.1:{port}/metrics"
    with (
        workplace.working(*AT_WORK, **served),
        workplace.working(*AT_WORK, **served),
    ):
        wait_for(lambda: answered_sessions(workplace) == 2, "both sessions to have an answer")
        wait_for(lambda: COST.replace(".", "_") in answer(page), "the metrics of a session")
        assert len(set(re.findall(r'session_id="([^"]*)"', answer(page)))) == 1
    assert answer(page) == ""
    assert len(by("session", report(workplace, "--by", "session"))) == 2


def answered_sessions(workplace: Workplace) -> int:
    return sum('"usage"' in path.read_text() for path in workplace.projects.glob("*/*.jsonl"))
