"""What boards say of a span of time is what happened in it, to the last one: first times, kills and all."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from prometheus_client import start_http_server

from dashboards import queries as q
from exporter.demo import DemoFolders, MadeSession
from exporter.meter import now_us
from tests.dashboards.committed import filled
from tests.dashboards.made_server import MadeServer
from tests.e2e.processes import Running, free_port, hookmeter, query, wait_for
from tests.e2e.processes import prometheus as run_prometheus
from tests.page import Samples, fetch, samples_of

CONFIG = "{{global: {{scrape_interval: 200ms}}, scrape_configs: [{{job_name: j, static_configs: [{{targets: {}}}]}}]}}"
# What a board asks, of which counter it is the growth, and by which labels.
Asked = tuple[str, str, tuple[str, ...]]
OF_EXPORTERS: tuple[Asked, ...] = (
    (q.CALLS_IN_RANGE, "claude_tool_calls_total", ()),
    (q.CALLS_BY_TOOL, "claude_tool_calls_total", ("tool",)),
    (q.WORST_ERRORS, "claude_tool_errors_total", ("tool", "category")),
    (q.COST_IN_RANGE, "claude_cost_usd_total", ()),
    (q.COST_BY_PROJECT, "claude_cost_usd_total", ("project",)),
    (q.COST_BY_MODEL, "claude_cost_usd_total", ("model",)),
    (q.COST_BY_AGENT, "claude_cost_usd_total", ("agent",)),
    (q.REQUESTS, "claude_api_requests_total", ()),
    (q.SESSIONS_BY_PROJECT, "claude_sessions_started_total", ("project",)),
    (q.PROMPTS, "claude_prompts_total", ()),
)
OF_SERVERS: tuple[Asked, ...] = (
    (q.FINISHED_BY_WORKFLOW, "claude_tasks_finished_total", ("workflow",)),
    (q.TASK_RETRIES, "claude_task_retries_total", ()),
    (q.TASK_COST_BY_WORKFLOW, "claude_task_cost_usd_total", ("workflow",)),
)
BARS: tuple[Asked, ...] = (
    (q.EACH_ERROR, "claude_tool_errors_total", ("category",)),
    (q.DURATION_HEAT, "claude_tool_call_duration_seconds_bucket", ("le",)),
    (q.EACH_PERMISSION, "claude_permission_requests_total", ()),
)
Growth = dict[tuple[tuple[str, str], ...], float]
BEFORE_IT_ALL_SECONDS = 60
BAR_SECONDS = 2


@dataclass(slots=True)
class Agents:
    """People's agents at work, whose logs an exporter reads."""

    folders: DemoFolders
    dice: Random = field(default_factory=lambda: Random(7))

    def exporter(self, listen: str = "127.0.0.1:0") -> AbstractContextManager[Running]:
        """An exporter that has read all that there is."""
        paths = ("--sessions-dir", self.folders.sessions, "--transcripts-dir", self.folders.transcripts)
        return hookmeter(*paths, "--data-dir", self.folders.data, listen=listen)

    def work(self, project: str) -> None:
        """A session of many calls, all at this moment."""
        session = MadeSession(self.folders, project, self.dice)
        session.start(now_us())
        for _ in range(60):
            call = session.plan()
            session.begin(call, now_us())
            session.finish(call, now_us(), call.milliseconds)
        session.end(now_us())


@pytest.fixture
def agents(tmp_path: Path) -> Agents:
    folders = DemoFolders.below(tmp_path)
    for folder in (folders.sessions, folders.transcripts):
        folder.mkdir()
    return Agents(folders)


def test_what_happens_for_the_first_time_counts(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    with agents.exporter() as exporter, scraping(prometheus, tmp_path, exporter.address) as server:
        before = scraped(server, exporter.address)
        agents.work("shop")
        after = scraped(server, exporter.address)
        assert growth(before, after, "claude_tool_errors_total", ("category",))
        assert told(server, OF_EXPORTERS) == true(before, after, OF_EXPORTERS)
        assert drawn(server, BARS) == true(before, after, BARS)


def test_a_kill_of_the_exporter_changes_nothing(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    with agents.exporter() as first, scraping(prometheus, tmp_path, first.address) as server:
        agents.work("shop")
        before, began = scraped(server, first.address), time.time()
        agents.work("shop")
        first.process.kill()
        first.process.wait()
        agents.work("docs")
        with agents.exporter(listen=first.address):
            after = scraped(server, first.address)
            assert told(server, OF_EXPORTERS, began) == true(before, after, OF_EXPORTERS)


def test_what_was_before_prometheus_came_does_not_count(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    agents.work("shop")
    with agents.exporter() as exporter, scraping(prometheus, tmp_path, exporter.address) as server:
        before = scraped(server, exporter.address)
        agents.work("docs")
        after = scraped(server, exporter.address)
        assert told(server, OF_EXPORTERS) == true(before, after, OF_EXPORTERS)
        assert drawn(server, BARS) == true(before, after, BARS)


def test_servers_on_one_database_count_once(prometheus: str, tmp_path: Path) -> None:
    made, ports = MadeServer(), (free_port(), free_port())
    serving = [start_http_server(port, "127.0.0.1", made.registry) for port in ports]
    addresses = [f"127.0.0.1:{port}" for port in ports]
    try:
        with scraping(prometheus, tmp_path, *addresses) as server:
            before = scraped(server, *addresses)
            for _ in range(600):
                made.move_on()
            after = scraped(server, *addresses)
            assert told(server, OF_SERVERS) == true(before, after, OF_SERVERS)
    finally:
        for httpd, thread in serving:
            httpd.shutdown()
            httpd.server_close()
            thread.join()


def scraping(program: str, folder: Path, *targets: str) -> AbstractContextManager[str]:
    return run_prometheus(program, CONFIG.format(list(targets)), folder / "prometheus")


def scraped(server: str, *addresses: str) -> Samples:
    """What stands on a page, once Prometheus has scraped it from all of these addresses."""
    page = samples_of(fetch(f"http://{addresses[0]}/metrics"))
    since = f"min(timestamp(up)) > {time.time()} and min(up) == 1 and count(up) == {len(addresses)}"
    wait_for(lambda: query(server, since), "Prometheus to have scraped it")
    return page


def told(server: str, asked: tuple[Asked, ...], since: float | None = None) -> list[Growth]:
    """What the boards say of all since a moment, or since before there was a Prometheus."""
    now = time.time()
    seconds = now - since if since else BEFORE_IT_ALL_SECONDS
    answers = [query(server, filled(expr, f"{round(1000 * seconds)}ms", "50ms"), now) for expr, _, _ in asked]
    return [{labels: round(value, 6) for labels, value in found.items()} for found in answers]


def drawn(server: str, asked: tuple[Asked, ...]) -> list[Growth]:
    """What the bars of a graph come to."""
    found: list[Growth] = []
    for expr, _, _ in asked:
        now, bars = time.time(), filled(expr, step=f"{BAR_SECONDS}s")
        span = {"start": now - BEFORE_IT_ALL_SECONDS, "end": now, "step": BAR_SECONDS}
        answer = json.loads(fetch(f"http://{server}/api/v1/query_range?{urlencode({'query': bars} | span)}"))
        sums = {
            tuple(sorted(one["metric"].items())): sum(float(value) for _, value in one["values"])
            for one in answer["data"]["result"]
        }
        found.append({labels: value for labels, value in sums.items() if value})
    return found


def true(before: Samples, after: Samples, asked: tuple[Asked, ...]) -> list[Growth]:
    """What they should say."""
    return [growth(before, after, counter, labels) for _, counter, labels in asked]


def growth(before: Samples, after: Samples, counter: str, by: tuple[str, ...]) -> Growth:
    grown: Growth = defaultdict(float)
    for (name, labels), value in after.items():
        if name == counter:
            # Prometheus takes an empty label for none; the boards have a word for it.
            named = tuple((label, text or f"no {label}") for label, text in labels if label in by)
            grown[named] += value - before.get((name, labels), 0)
    return {labels: round(value, 6) for labels, value in grown.items() if value}
