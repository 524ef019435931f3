"""A database with a day of synthetic history and live exporters, against which the boards' queries run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from prometheus_client import start_http_server

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history, write_live_session, write_waiting_sessions
from exporter.demo.sessions import SyntheticCall, SyntheticSession
from exporter.model.records import Outcome
from exporter.sources.quotas import FILE_NAME
from tests.dashboards.synthetic_server import SyntheticServer
from tests.e2e.processes import free_port, hookmeter, query, wait_for
from tests.support.engines import Engine

RULES = Path(__file__).parents[2] / "provisioning" / "prometheus" / "rules"
EXPORTER, SERVER = "127.0.0.1:19464", "127.0.0.1:3000"
SECOND_US = 1_000_000
DAY = 86400
QUOTED_PROJECT = 'say "hi" & (bye)'
# VictoriaMetrics answers with what it has flushed, once a second.
FLUSHED_SECONDS = 2
# What has data once the exporter has restarted, and the recorded series that boards query.
NEEDED = (
    "changes(process_start_time_seconds[5m]) > 0 and on (instance) hookmeter_build_info",
    'deriv(claude_rate_limit_used_ratio[30m]) > 0 and on () ALERTS{alertstate="firing"}',
    "instance_period:claude_budget_used:ratio",
    "instance:claude_spent_usd:forecast_month",
    "instance_window:claude_rate_limit_used:forecast",
)
# The provisioned jobs with a shorter interval, under the addresses of a real installation.
CONFIG = """
global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}
scrape_configs:
  - job_name: hookmeter
    static_configs: [{{targets: ["{exporter}"], labels: {{instance: "127.0.0.1:19464"}}}}]
  - job_name: hookmeter-server
    static_configs: [{{targets: ["{server}"], labels: {{instance: "127.0.0.1:3000"}}}}]
"""


@dataclass(frozen=True, slots=True)
class World:
    """A database with a day of data up to a moment at which nothing was missing.

    Later a scrape may take longer than its half a second on a busy machine, and the exporter's gauges end with it.
    """

    address: str
    end: float


@contextmanager
def synthetic_world(directory: Path, engine: Engine) -> Iterator[World]:
    """Start everything, restart the exporter once, and wait until all queries of the boards have data."""
    now = int(time.time())
    directories = DemoDirectories.under(directory)
    write_history(directories, now * SECOND_US)
    write_waiting_sessions(directories, now * SECOND_US)
    add_hourly_subagents(directories, now)
    add_project_with_quotes(directories, now)
    options = _options(directories, directory / "data")
    server = SyntheticServer()
    history = _history(directory, options, server.history(now - DAY, now - 3 * 3600) + _short_alert(now))
    stopping, port = threading.Event(), free_port()
    writers = [
        threading.Thread(target=write_live_session, args=(directories, stopping), daemon=True),
        threading.Thread(target=_use_quota, args=(directories.sessions, stopping), daemon=True),
    ]
    httpd, serving = start_http_server(port, "127.0.0.1", server.registry)
    try:
        with hookmeter(*options) as first:
            config = CONFIG.format(exporter=first.address, server=f"127.0.0.1:{port}")
            with engine.serve(config, directory / "engine", history=history, rules=_fast_rules(directory)) as address:
                for writer in writers:
                    writer.start()
                _wait_for_data(address, "count(up) == 2 and min(up) == 1")
                first.process.kill()
                first.process.wait()
                with hookmeter(*options, listen=first.address):
                    server.advance()
                    yield World(address, _time_of_complete_data(address))
    finally:
        stopping.set()
        httpd.shutdown()
        httpd.server_close()
        serving.join()
        for writer in writers:
            writer.join()


def _time_of_complete_data(address: str) -> float:
    """Wait for a time at which all of what boards need was there, and the exporter was up."""
    found: list[float] = []

    def is_complete() -> bool:
        at = time.time() - FLUSHED_SECONDS
        if all(query(address, promql, at) for promql in NEEDED):
            found.append(at)
        return bool(found)

    wait_for(is_complete, " and ".join(NEEDED))
    return found[0]


def add_hourly_subagents(directories: DemoDirectories, now: int) -> None:
    """Add what the demo lacks, once an hour: sub-agents started by a call, and a compaction."""
    rng = Random(3)
    for hour in range(1, 23):
        at_us = (now - hour * 3600) * SECOND_US
        session = SyntheticSession(directories, "web-shop", rng)
        session.start(at_us)
        for number in range(3):
            started_us, milliseconds = at_us + (60 * number + 5) * SECOND_US, rng.randrange(10_000, 90_000)
            fields: dict[str, object] = {"tool_name": "Task", "tool_input": {}, "tool_use_id": f"toolu_{hour}_{number}"}
            call = SyntheticCall(fields, milliseconds, Outcome.SUCCESS, "")
            session.write_event("SubagentStart", started_us, agent_id=f"s{number}", agent_type="Explore")
            session.start_call(call, started_us)
            session.finish_call(call, started_us + 20_000, 20)
            ended_us = started_us + milliseconds * 1000
            session.write_event("SubagentStop", ended_us, agent_id=f"s{number}", agent_type="Explore")
        session.write_event("PreCompact", at_us + 400 * SECOND_US, trigger="auto")
        session.end(at_us + 500 * SECOND_US)


def add_project_with_quotes(directories: DemoDirectories, now: int) -> None:
    """Add a project whose name has characters with a meaning in PromQL and in addresses."""
    session, at_us = SyntheticSession(directories, QUOTED_PROJECT, Random(5)), (now - 6 * 3600) * SECOND_US
    session.start(at_us)
    for _ in range(5):
        call = session.generate_call()
        session.start_call(call, at_us)
        session.finish_call(call, at_us, call.milliseconds)
    session.end(at_us)


def _short_alert(now: int) -> str:
    """An alert that fired for a minute, far from whole hours."""
    at = (now - DAY // 2) // 7200 * 7200 + 3000
    series = 'ALERTS{alertname="ClaudeShortAlert",alertstate="firing",severity="info"}'
    return f"# TYPE ALERTS gauge\n{series} 1 {at}\n{series} 1 {at + 60}\n"


def _options(directories: DemoDirectories, data: Path) -> tuple[str | Path, ...]:
    paths = ("--sessions-dir", directories.sessions, "--transcripts-dir", directories.transcripts, "--data-dir", data)
    return (*paths, "--daily-budget-usd", "1", "--monthly-budget-usd", "100")


def _history(directory: Path, options: Sequence[str | Path], others: str) -> Path:
    """Write the past of the exporter and the other series, in OpenMetrics."""
    history = directory / "history.om"
    backfill = [sys.executable, "-m", "exporter", "backfill", *options, "--output", history, "--instance", EXPORTER]
    subprocess.run(backfill, check=True, capture_output=True)
    of_exporter = history.read_text().removesuffix("# EOF\n")
    history.write_text(f"{of_exporter}{others}# EOF\n")
    return history


def _fast_rules(directory: Path) -> Path:
    """Write the provisioned rules, evaluated twice a second."""
    fast = directory / "rules"
    fast.mkdir()
    for path in RULES.glob("*.yml"):
        (fast / path.name).write_text(path.read_text().replace("interval: 1m", "interval: 500ms"))
    return fast


def _use_quota(sessions: Path, stopping: threading.Event) -> None:
    """Report a growing use of both windows until stopped."""
    path, used = sessions / FILE_NAME, 40.0
    while not stopping.wait(0.3):
        used += 0.01
        now = time.time()
        windows = {
            name: {"used_percentage": used, "resets_at": now + 9000, "seen_at": now}
            for name in ("five_hour", "seven_day")
        }
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"windows": windows}))
        fresh.replace(path)


def _wait_for_data(address: str, promql: str) -> None:
    wait_for(lambda: query(address, promql), promql)
