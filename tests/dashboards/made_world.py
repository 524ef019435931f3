"""A Prometheus with a day of history and living exporters in it, for boards to be tried on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from prometheus_client import start_http_server

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history, write_live_session
from exporter.demo.sessions import SyntheticCall, SyntheticSession
from exporter.model.records import Outcome
from exporter.sources.quotas import FILE_NAME
from tests.dashboards.made_server import MadeServer
from tests.e2e.processes import free_port, hookmeter, query, wait_for
from tests.e2e.processes import prometheus as run_prometheus

RULES = Path(__file__).parents[2] / "provisioning" / "prometheus" / "rules"
EXPORTER, SERVER = "127.0.0.1:19464", "127.0.0.1:3000"
SECOND_US = 1_000_000
DAY = 86400
# What boards ask for of what rules record.
RECORDED = (
    "instance_period:claude_budget_used:ratio",
    "instance:claude_spent_usd:forecast_month",
    "instance_window:claude_rate_limit_used:forecast",
)
# Provisioned jobs, scraped faster, with the addresses that they have in a real one.
CONFIG = """
global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}
rule_files: ["{rules}/*.yml"]
scrape_configs:
  - job_name: hookmeter
    static_configs: [{{targets: ["{exporter}"], labels: {{instance: "127.0.0.1:19464"}}}}]
  - job_name: hookmeter-server
    static_configs: [{{targets: ["{server}"], labels: {{instance: "127.0.0.1:3000"}}}}]
"""


@dataclass(frozen=True, slots=True)
class World:
    """A Prometheus that holds a day, up to now."""

    address: str

    def now(self) -> float:
        """The end of the time that a board shows."""
        return time.time()


@contextmanager
def made_world(folder: Path, program: str, promtool: str) -> Iterator[World]:
    """The world: what happened stands in blocks, what happens is scraped, and rules are evaluated."""
    now = int(time.time())
    directories = DemoDirectories.under(folder)
    write_history(directories, now * SECOND_US)
    add_what_the_demo_lacks(directories, now)
    options = _options(directories, folder / "data")
    server = MadeServer()
    _fill(folder, options, server.history(now - DAY, now - 3 * 3600), promtool)
    stopping, port = threading.Event(), free_port()
    writers = [
        threading.Thread(target=write_live_session, args=(directories, stopping), daemon=True),
        threading.Thread(target=_use_quota, args=(directories.sessions, stopping), daemon=True),
    ]
    httpd, serving = start_http_server(port, "127.0.0.1", server.registry)
    try:
        with hookmeter(*options) as first:
            config = CONFIG.format(rules=_quick_rules(folder), exporter=first.address, server=f"127.0.0.1:{port}")
            with run_prometheus(program, config, folder / "prometheus") as address:
                for writer in writers:
                    writer.start()
                _until(address, "count(up) == 2 and min(up) == 1")
                first.process.kill()
                first.process.wait()
                with hookmeter(*options, listen=first.address):
                    server.move_on()
                    _until(
                        address, "changes(process_start_time_seconds[5m]) > 0 and on (instance) hookmeter_build_info"
                    )
                    _until(
                        address, 'deriv(claude_rate_limit_used_ratio[30m]) > 0 and on () ALERTS{alertstate="firing"}'
                    )
                    for rule in RECORDED:
                        _until(address, rule)
                    yield World(address)
    finally:
        stopping.set()
        httpd.shutdown()
        httpd.server_close()
        serving.join()
        for writer in writers:
            writer.join()


def add_what_the_demo_lacks(directories: DemoDirectories, now: int) -> None:
    """Sub-agents that are started by a call, and compactions, once an hour."""
    rng = Random(3)
    for hour in range(1, 23):
        at_us = (now - hour * 3600) * SECOND_US
        session = SyntheticSession(directories, "web-shop", rng)
        session.start(at_us)
        for number in range(3):
            begun_us, took = at_us + (60 * number + 5) * SECOND_US, rng.randrange(10_000, 90_000)
            fields: dict[str, object] = {"tool_name": "Task", "tool_input": {}, "tool_use_id": f"toolu_{hour}_{number}"}
            call = SyntheticCall(fields, took, Outcome.SUCCESS, "")
            session.write_event("SubagentStart", begun_us, agent_id=f"s{number}", agent_type="Explore")
            session.start_call(call, begun_us)
            session.finish_call(call, begun_us + took * 1000, took)
        session.write_event("PreCompact", at_us + 400 * SECOND_US, trigger="auto")
        session.end(at_us + 500 * SECOND_US)


def _options(directories: DemoDirectories, data: Path) -> tuple[str | Path, ...]:
    paths = ("--sessions-dir", directories.sessions, "--transcripts-dir", directories.transcripts, "--data-dir", data)
    return (*paths, "--daily-budget-usd", "1", "--monthly-budget-usd", "100")


def _fill(folder: Path, options: tuple[str | Path, ...], of_server: str, promtool: str) -> None:
    history, blocks = folder / "history.om", folder / "prometheus" / "tsdb"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "exporter",
        "backfill",
        *options,
        "--output",
        history,
        "--instance",
        EXPORTER,
    ]
    subprocess.run(command, check=True, capture_output=True)
    told = history.read_text().removesuffix("# EOF\n")
    history.write_text(f"{told}{of_server}# EOF\n")
    blocks.mkdir(parents=True)
    create: list[str | Path] = [promtool, "tsdb", "create-blocks-from", "openmetrics", history, blocks]
    subprocess.run(create, check=True, capture_output=True)


def _quick_rules(folder: Path) -> Path:
    """The provisioned rules, evaluated twice a second."""
    quick = folder / "rules"
    quick.mkdir()
    for path in RULES.glob("*.yml"):
        (quick / path.name).write_text(path.read_text().replace("interval: 1m", "interval: 500ms"))
    return quick


def _use_quota(sessions: Path, stopping: threading.Event) -> None:
    """Use more and more of the windows."""
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


def _until(address: str, promql: str) -> None:
    wait_for(lambda: query(address, promql), promql)
