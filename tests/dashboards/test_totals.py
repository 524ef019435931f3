"""What boards say of a span of time is what happened in it, to the last one: first times, kills and all."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from dashboards import queries as q
from dashboards.growth import MISSED_SCRAPES
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
from tests.support.page import Samples, fetch, samples_of

CONFIG = "{{global: {{scrape_interval: 200ms}}, scrape_configs: [{{job_name: j, static_configs: [{{targets: {}}}]}}]}}"
BARS: tuple[Asked, ...] = (
    (q.EACH_ERROR, "claude_tool_errors_total", ("category",)),
    (q.DURATION_HEAT, "claude_tool_call_duration_seconds_bucket", ("le",)),
    (q.EACH_PERMISSION, "claude_permission_requests_total", ()),
)
BARS_DRAWN = 30


def test_what_happens_for_the_first_time_counts(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    with agents.exporter() as exporter, scraping(prometheus, tmp_path, exporter.address) as server:
        before = scraped(server, agents.page(exporter.address), exporter.address)
        agents.work("shop")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert growth(before, after, "claude_tool_errors_total", ("category",))
        assert told(server, OF_EXPORTERS) == true(before, after, OF_EXPORTERS)
        assert drawn(server, BARS) == true(before, after, BARS)


def test_a_kill_of_the_exporter_changes_nothing(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    with agents.exporter() as first, scraping(prometheus, tmp_path, first.address) as server:
        agents.work("shop")
        before, began = scraped(server, agents.page(first.address), first.address), time.time()
        agents.work("shop")
        first.process.kill()
        first.process.wait()
        wait_for(lambda: query(server, "up == 0"), "Prometheus to miss it")
        missed = time.time()
        agents.work("docs")
        with agents.exporter(listen=first.address):
            after = scraped(server, agents.page(first.address), first.address)
            assert told(server, OF_EXPORTERS, began) == true(before, after, OF_EXPORTERS)
            assert drawn(server, BARS, began) == true(before, after, BARS)
            # A time that begins while nobody could ask goes on from what was known last.
            known = query(server, "sum(last_over_time(claude_tool_calls_total[1m]))", missed)[()]
            assert told(server, (OF_EXPORTERS[0],), missed) == [{(): agents.calls - known}]


def test_a_new_label_of_the_target_changes_nothing(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    labels = tmp_path / "targets.json"
    with agents.exporter() as exporter, serving_targets(prometheus, tmp_path, labels, exporter.address) as server:
        before, began = scraped(server, agents.page(exporter.address), exporter.address), time.time()
        agents.work("shop")
        scraped(server, agents.page(exporter.address), exporter.address)
        write_targets(labels, exporter.address, team="build")
        wait_for(lambda: query(server, 'up{team="build"}'), "the label to be there")
        wait_for(lambda: query(server, 'up unless up{team="build"}') == {}, "the series without it to be over")
        scraped(server, agents.page(exporter.address), exporter.address)
        agents.work("docs")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert told(server, OF_EXPORTERS, began) == true(before, after, OF_EXPORTERS)
        assert drawn(server, BARS, began) == true(before, after, BARS)


def test_a_counter_that_fell_with_its_ledger_counts_from_its_lowest(
    agents: Agents, prometheus: str, tmp_path: Path
) -> None:
    with agents.exporter() as first, scraping(prometheus, tmp_path, first.address) as server:
        for _ in range(8):
            agents.work("docs")
        scraped(server, agents.page(first.address), first.address)
        first.process.kill()
        first.process.wait()
        shutil.rmtree(agents.directories.data)
        shutil.rmtree(agents.directories.sessions)
        shutil.rmtree(agents.directories.transcripts)
        agents.directories.sessions.mkdir()
        agents.directories.transcripts.mkdir()
        agents.calls = 0
        agents.work("docs")
        with agents.exporter(listen=first.address):
            began, anew = time.time(), scraped(server, agents.page(first.address), first.address)
            agents.work("docs")
            after = scraped(server, agents.page(first.address), first.address)
            asked = tuple(one for one in OF_EXPORTERS if one[0] in {q.PROMPTS, q.SESSIONS_BY_PROJECT})
            assert told(server, asked, began - 1) == true(anew, after, asked)


def test_a_server_whose_database_was_away_has_done_no_more(prometheus: str, tmp_path: Path) -> None:
    made, page = MadeServer(), CollectorRegistry()
    Gauge("hookmeter_streams", "Streams.", registry=page).set(1)
    database = made.registry
    page.register(database)
    httpd, thread = start_http_server(port := free_port(), "127.0.0.1", page)
    try:
        with scraping(prometheus, tmp_path, address := f"127.0.0.1:{port}") as server:
            for _ in range(60):
                made.move_on()
            before, began = scraped(server, page_of(address), address), time.time()
            page.unregister(database)
            wait_for(lambda: query(server, "claude_tasks") == {}, "Prometheus to miss the tasks")
            page.register(database)
            for _ in range(600):
                made.move_on()
            after = scraped(server, page_of(address), address)
            assert told(server, OF_SERVERS, began) == true(before, after, OF_SERVERS)
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def test_what_was_before_prometheus_came_does_not_count(agents: Agents, prometheus: str, tmp_path: Path) -> None:
    agents.work("shop")
    with agents.exporter() as exporter, scraping(prometheus, tmp_path, exporter.address) as server:
        before = scraped(server, agents.page(exporter.address), exporter.address)
        agents.work("docs")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert told(server, OF_EXPORTERS) == true(before, after, OF_EXPORTERS)
        assert drawn(server, BARS) == true(before, after, BARS)


def test_servers_on_one_database_count_once(prometheus: str, tmp_path: Path) -> None:
    made, ports = MadeServer(), (free_port(), free_port())
    serving = [start_http_server(port, "127.0.0.1", made.registry) for port in ports]
    addresses = [f"127.0.0.1:{port}" for port in ports]
    try:
        with scraping(prometheus, tmp_path, *addresses) as server:
            before = scraped(server, page_of(addresses[0]), *addresses)
            for _ in range(600):
                made.move_on()
            after = scraped(server, page_of(addresses[0]), *addresses)
            assert told(server, OF_SERVERS) == true(before, after, OF_SERVERS)
    finally:
        for httpd, thread in serving:
            httpd.shutdown()
            httpd.server_close()
            thread.join()


def serving_targets(program: str, folder: Path, labels: Path, target: str) -> AbstractContextManager[str]:
    """A Prometheus that finds its target, and the target's labels, in a file."""
    write_targets(labels, target)
    found = f"{{job_name: j, file_sd_configs: [{{files: [{labels}], refresh_interval: 200ms}}]}}"
    config = f"{{global: {{scrape_interval: 200ms}}, scrape_configs: [{found}]}}"
    return run_prometheus(program, config, folder / "prometheus")


def write_targets(path: Path, target: str, **labels: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([{"targets": [target], "labels": labels}]))
    fresh.replace(path)


def scraping(program: str, folder: Path, *targets: str) -> AbstractContextManager[str]:
    return run_prometheus(program, CONFIG.format(list(targets)), folder / "prometheus")


def page_of(address: str) -> Samples:
    return samples_of(fetch(f"http://{address}/metrics"))


def scraped(server: str, page: Samples, *addresses: str) -> Samples:
    """The page, once Prometheus has scraped it from all of these addresses, and a few times before."""
    fresh = f"min(timestamp(up)) > {time.time()} and min(up) == 1 and count(up) == {len(addresses)}"
    often = f"min(count_over_time(up[1m])) > {MISSED_SCRAPES + 1}"
    wait_for(lambda: query(server, f"{fresh} and {often}"), "Prometheus to have scraped it")
    return page


def drawn(server: str, asked: tuple[Asked, ...], since: float | None = None) -> list[Growth]:
    """What the bars of a graph come to that begins at a moment, or before there was a Prometheus."""
    found: list[Growth] = []
    for expr, _, _ in asked:
        now = time.time()
        bar = round(1000 * (now - since if since else BEFORE_IT_ALL_SECONDS) / BARS_DRAWN)
        # The first bar ends a bar's length after the graph's beginning, the last one now.
        span = {"start": now - (BARS_DRAWN - 1) * bar / 1000, "end": now, "step": bar / 1000}
        bars = filled(expr, step=f"{bar}ms")
        answer = json.loads(fetch(f"http://{server}/api/v1/query_range?{urlencode({'query': bars} | span)}"))
        sums = {
            tuple(sorted(one["metric"].items())): sum(float(value) for _, value in one["values"])
            for one in answer["data"]["result"]
        }
        found.append({labels: value for labels, value in sums.items() if value})
    return found
