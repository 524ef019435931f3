"""All of it at once: a person gives agents work by chat, watches it, stops some, and Prometheus shows the same."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards import queries as q
from tests.chatserver.chat.socketio_client import socketio_client
from tests.chatserver.started import Started, started
from tests.dashboards.committed import filled
from tests.e2e.processes import free_port, query, wait_for
from tests.e2e.workplace import Workplace
from tests.support.engines import Engine

SCRAPE = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: hookmeter
    static_configs: [{{targets: [{targets}]}}]
"""
USD = 1e-9
BOARDS = (q.COST_IN_RANGE, f"sum({q.TASK_COST_BY_WORKFLOW})")


def of_a_board(promql: str) -> str:
    """The query of a board that shows the last five minutes."""
    return filled(promql, span="5m")


@pytest.fixture
def both(workplace: Workplace) -> Iterator[Started]:
    """`hookmeter run`, whose tasks are carried out by the real Claude Code."""
    directory = workplace.directory
    told = {
        "CLAUDE": workplace.cli,
        "WORKSPACE": workplace.project,
        "SESSIONS_DIR": workplace.sessions,
        "TRANSCRIPTS_DIR": workplace.projects,
        "DATA_DIR": directory / "data",
        "LISTEN": f"127.0.0.1:{free_port()}",
        "METRICS_LISTEN": "127.0.0.1:0",
        "PERMISSION_MODE": "acceptEdits",
    }
    environment = {**os.environ, **workplace.environment, **{f"HOOKMETER_{key}": str(told[key]) for key in told}}
    with started(environment, "run", addresses=2) as running:
        yield running


def snapshots(address: str, token: str) -> Iterator[dict[str, Any]]:
    """What the stream of live metrics says, one after the other."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{address}/api/metrics", headers=headers), timeout=60
    ) as stream:
        for line in stream:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


def test_work_is_given_watched_and_stopped_and_every_number_agrees(
    both: Started, workplace: Workplace, engine: Engine, tmp_path: Path
) -> None:
    token = both.registered()
    targets = ", ".join(f'"{address.partition("//")[2]}"' for address in both.addresses)
    with (
        socketio_client() as client,
        engine.serve(SCRAPE.format(targets=targets), tmp_path / "engine") as server,
    ):
        # What was there before Prometheus came is in no total of a board.
        wait_for(
            lambda: len(query(server, "hookmeter_read_lag_seconds or hookmeter_streams")) == 2, "the first scrapes"
        )
        client.connected(both.addresses[-1], token)
        live = snapshots(both.addresses[-1], token)
        assert next(live)["completed_tasks_24h"] == 0
        said = client.say("Please look around. script:family")
        assert client.event("chat_response", lambda payload: payload["final"])["message"] == "Done."
        finished = both.ask(f"/api/tasks/{said['task_id']}", token=token)
        slow = both.ask("/api/tasks", {"description": "script:slow"}, token)["task_id"]
        wait_for((workplace.project / "started").exists, "the slow task to work")
        stopped = both.ask(f"/api/tasks/stop/{slow}", {}, token)
        assert (finished["status"], stopped["status"]) == ("completed", "stopped")

        watched = next(one for one in live if one["completed_tasks_24h"] and one["stopped_tasks_24h"])
        assert (watched["active_tasks"], watched["failed_tasks_24h"]) == (0, 0)
        calls = both.ask(f"/api/tool_usage/{said['task_id']}", token=token)["tool_usage"]
        assert {"Agent", "Bash"} <= {call["tool_name"] for call in calls}

        def costs() -> float:
            tasks = both.ask("/api/tasks", token=token)["tasks"]
            return float(sum(task["cost_usd"] for task in tasks))

        def agree() -> bool:
            """What REST says is what PromQL and the boards say, of the tasks and of the transcripts alike."""
            total = {(): pytest.approx(costs(), abs=USD)}
            asked = ("sum(claude_task_cost_usd_total)", "sum(claude_cost_usd_total)", *map(of_a_board, BOARDS))
            return [query(server, promql) for promql in asked] == [total] * len(asked)

        wait_for(agree, "PromQL to agree with REST")
        assert finished["cost_usd"] > 0
        by_status = {dict(labels)["status"]: value for labels, value in query(server, "claude_tasks").items()}
        assert by_status == {"pending": 0, "running": 0, "completed": 1, "failed": 0, "stopped": 1}
        assert query(server, 'sum(claude_tool_calls_total{tool="Agent"})') == {
            (): sum(call["tool_name"] == "Agent" for call in calls)
        }
