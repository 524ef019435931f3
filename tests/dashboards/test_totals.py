"""What boards say of a span of time is what happened in it, to the last one: first times, kills and all."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

from prometheus_client import start_http_server

from dashboards import queries as q
from tests.dashboards.committed import filled
from tests.dashboards.made_server import MadeServer
from tests.dashboards.totals import (
    BEFORE_IT_ALL_SECONDS,
    OF_EXPORTERS,
    OF_SERVERS,
    Agents,
    Asked,
    Growth,
    growth,
    told,
    true,
)
from tests.e2e.processes import free_port, query, wait_for
from tests.e2e.processes import prometheus as run_prometheus
from tests.page import Samples, fetch, samples_of

CONFIG = "{{global: {{scrape_interval: 200ms}}, scrape_configs: [{{job_name: j, static_configs: [{{targets: {}}}]}}]}}"
BARS: tuple[Asked, ...] = (
    (q.EACH_ERROR, "claude_tool_errors_total", ("category",)),
    (q.DURATION_HEAT, "claude_tool_call_duration_seconds_bucket", ("le",)),
    (q.EACH_PERMISSION, "claude_permission_requests_total", ()),
)
BAR_SECONDS = 2


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
