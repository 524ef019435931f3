"""The totals on boards are exact: also for new series, restarts, new target labels and lost ledgers."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from dashboards import queries as q
from dashboards.growth import MAX_MISSED_SCRAPES
from tests.dashboards.committed import LABEL_VALUES, filled
from tests.dashboards.grafana_gaps import gaps
from tests.dashboards.synthetic_server import SyntheticServer
from tests.dashboards.totals import (
    OF_EXPORTERS,
    OF_SERVERS,
    WHOLE_HISTORY_SECONDS,
    Agents,
    Increases,
    Total,
    board_totals,
    increases,
    page_totals,
)
from tests.e2e.processes import answer, free_port, query, wait_for
from tests.support.engines import Engine
from tests.support.page import Samples, fetch, samples_of

CONFIG = "{{global: {{scrape_interval: 200ms}}, scrape_configs: [{{job_name: j, static_configs: [{{targets: {}}}]}}]}}"
BARS: tuple[Total, ...] = (
    (q.ERRORS_PER_INTERVAL, "claude_tool_errors_total", ("category",)),
    (q.DURATION_BUCKETS, "claude_tool_call_duration_seconds_bucket", ("le",)),
    (q.PERMISSIONS_PER_INTERVAL, "claude_permission_requests_total", ()),
)
BAR_COUNT = 30
MAIN, NOT_ITEMIZED = (("agent", "main"),), (("agent", "not_itemized"),)


def test_first_events_count(agents: Agents, engine: Engine, tmp_path: Path) -> None:
    with agents.exporter() as exporter, scraping(engine, tmp_path, exporter.address) as server:
        before = scraped(server, agents.page(exporter.address), exporter.address)
        agents.work("shop")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert increases(before, after, "claude_tool_errors_total", ("category",))
        assert board_totals(server, OF_EXPORTERS) == page_totals(before, after, OF_EXPORTERS)
        assert graph_totals(server, BARS) == page_totals(before, after, BARS)


def test_costs_include_what_no_message_itemizes_which_is_no_subagents(
    agents: Agents, engine: Engine, tmp_path: Path
) -> None:
    with agents.exporter() as exporter, scraping(engine, tmp_path, exporter.address) as server:
        before = scraped(server, agents.page(exporter.address), exporter.address)
        agents.spend_unitemized("shop")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert board_totals(server, OF_EXPORTERS) == page_totals(before, after, OF_EXPORTERS)
        by_agent = increases(before, after, "claude_cost_usd_total", ("agent",))
        assert by_agent[NOT_ITEMIZED] == 2  # 300,000 tokens of input, and 20,000 of output
        of_subagents = sum(cost for agent, cost in by_agent.items() if agent not in {NOT_ITEMIZED, MAIN})
        now, span = time.time(), f"{WHOLE_HISTORY_SECONDS}s"
        share = query(server, filled(q.SUBAGENT_SHARE_OF_COST, span, values=gaps(server, span, now)), now)
        assert {labels: round(value, 6) for labels, value in share.items()} == {
            (): round(of_subagents / sum(by_agent.values()), 6)
        }
        choices = LABEL_VALUES.fullmatch(q.AGENTS)
        assert choices
        assert NOT_ITEMIZED in query(server, f"count by (agent) ({filled(choices['selector'])})")


def test_killing_the_exporter_does_not_change_totals(agents: Agents, engine: Engine, tmp_path: Path) -> None:
    with agents.exporter() as first, scraping(engine, tmp_path, first.address) as server:
        agents.work("shop")
        before, start = between_scrapes(server, agents.page(first.address), first.address)
        agents.work("shop")
        first.process.kill()
        first.process.wait()
        wait_for(lambda: query(server, "up == 0"), "a scrape to fail")
        outage = time.time()
        agents.work("docs")
        with agents.exporter(listen=first.address):
            after = scraped(server, agents.page(first.address), first.address)
            assert board_totals(server, OF_EXPORTERS, start) == page_totals(before, after, OF_EXPORTERS)
            assert graph_totals(server, BARS, start) == page_totals(before, after, BARS)
            # A range that starts during the outage continues from the last known value.
            known = query(server, "sum(last_over_time(claude_tool_calls_total[1m]))", outage)[()]
            assert board_totals(server, (OF_EXPORTERS[0],), outage) == [{(): agents.calls - known}]


def test_a_new_target_label_does_not_change_totals(agents: Agents, engine: Engine, tmp_path: Path) -> None:
    labels = tmp_path / "targets.json"
    with (
        agents.exporter() as exporter,
        scraping_from_file(engine, tmp_path, labels, exporter.address) as server,
    ):
        before, start = between_scrapes(server, agents.page(exporter.address), exporter.address)
        agents.work("shop")
        scraped(server, agents.page(exporter.address), exporter.address)
        write_targets(labels, exporter.address, team="build")
        wait_for(lambda: query(server, 'up{team="build"}'), "the series with the label")
        wait_for(lambda: query(server, 'up unless up{team="build"}') == {}, "the series without the label to end")
        scraped(server, agents.page(exporter.address), exporter.address)
        agents.work("docs")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert board_totals(server, OF_EXPORTERS, start) == page_totals(before, after, OF_EXPORTERS)
        assert graph_totals(server, BARS, start) == page_totals(before, after, BARS)


def test_a_counter_that_fell_with_its_ledger_counts_from_its_lowest_value(
    agents: Agents, engine: Engine, tmp_path: Path
) -> None:
    with agents.exporter() as first, scraping(engine, tmp_path, first.address) as server:
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
            start, rebuilt = time.time(), scraped(server, agents.page(first.address), first.address)
            agents.work("docs")
            after = scraped(server, agents.page(first.address), first.address)
            totals = tuple(total for total in OF_EXPORTERS if total[0] in {q.PROMPTS, q.SESSIONS_BY_PROJECT})
            assert board_totals(server, totals, start - 1) == page_totals(rebuilt, after, totals)


def test_an_unavailable_database_does_not_add_to_totals(engine: Engine, tmp_path: Path) -> None:
    synthetic, page = SyntheticServer(), CollectorRegistry()
    Gauge("hookmeter_streams", "Streams.", registry=page).set(1)
    database = synthetic.registry
    page.register(database)
    httpd, thread = start_http_server(port := free_port(), "127.0.0.1", page)
    try:
        with scraping(engine, tmp_path, address := f"127.0.0.1:{port}") as server:
            for _ in range(60):
                synthetic.advance()
            before, start = between_scrapes(server, page_of(address), address)
            page.unregister(database)
            wait_for(lambda: query(server, "claude_tasks") == {}, "the tasks to disappear")
            page.register(database)
            for _ in range(600):
                synthetic.advance()
            after = scraped(server, page_of(address), address)
            assert board_totals(server, OF_SERVERS, start) == page_totals(before, after, OF_SERVERS)
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def test_events_before_the_first_scrape_do_not_count(agents: Agents, engine: Engine, tmp_path: Path) -> None:
    agents.work("shop")
    with agents.exporter() as exporter, scraping(engine, tmp_path, exporter.address) as server:
        before = scraped(server, agents.page(exporter.address), exporter.address)
        agents.work("docs")
        after = scraped(server, agents.page(exporter.address), exporter.address)
        assert board_totals(server, OF_EXPORTERS) == page_totals(before, after, OF_EXPORTERS)
        assert graph_totals(server, BARS) == page_totals(before, after, BARS)


def test_servers_that_share_a_database_count_once(engine: Engine, tmp_path: Path) -> None:
    synthetic, ports = SyntheticServer(), (free_port(), free_port())
    serving = [start_http_server(port, "127.0.0.1", synthetic.registry) for port in ports]
    addresses = [f"127.0.0.1:{port}" for port in ports]
    try:
        with scraping(engine, tmp_path, *addresses) as server:
            before = scraped(server, page_of(addresses[0]), *addresses)
            for _ in range(600):
                synthetic.advance()
            after = scraped(server, page_of(addresses[0]), *addresses)
            assert board_totals(server, OF_SERVERS) == page_totals(before, after, OF_SERVERS)
    finally:
        for httpd, thread in serving:
            httpd.shutdown()
            httpd.server_close()
            thread.join()


def scraping_from_file(engine: Engine, directory: Path, labels: Path, target: str) -> AbstractContextManager[str]:
    """An engine that reads its target and the target's labels from a file."""
    write_targets(labels, target)
    job = f"{{job_name: j, file_sd_configs: [{{files: [{labels}], refresh_interval: 200ms}}]}}"
    config = f"{{global: {{scrape_interval: 200ms}}, scrape_configs: [{job}]}}"
    return engine.serve(config, directory / "engine")


def write_targets(path: Path, target: str, **labels: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([{"targets": [target], "labels": labels}]))
    fresh.replace(path)


def scraping(engine: Engine, directory: Path, *targets: str) -> AbstractContextManager[str]:
    return engine.serve(CONFIG.format(list(targets)), directory / "engine")


def page_of(address: str) -> Samples:
    return samples_of(fetch(f"http://{address}/metrics"))


def scraped(server: str, page: Samples, *addresses: str) -> Samples:
    """The page, once the engine has scraped each of the addresses after this call, and a few times in all."""
    # To VictoriaMetrics, a series that has ended still has a timestamp.
    fresh = f"min(timestamp(up) and up) > {time.time()} and min(up) == 1 and count(up) == {len(addresses)}"
    often = f"min(count_over_time(up[1m])) > {MAX_MISSED_SCRAPES + 1}"
    wait_for(lambda: query(server, f"{fresh} and {often}"), "the page to be scraped")
    answer(f"http://{server}/internal/force_flush")  # VictoriaMetrics shows parts of a page up to a second later
    return page


def between_scrapes(server: str, page: Samples, *addresses: str) -> tuple[Samples, float]:
    """The page, and a time at which it was scraped, before scrapes that have ended: none has what happens next."""
    scraped(server, page, *addresses)
    now = time.time()
    return scraped(server, page, *addresses), now


def graph_totals(server: str, totals: tuple[Total, ...], since: float | None = None) -> list[Increases]:
    """The sums of the bars of a graph that starts at a time, or before Prometheus was start."""
    found: list[Increases] = []
    for expr, _, _ in totals:
        now = time.time()
        bar = round(1000 * (now - since if since else WHOLE_HISTORY_SECONDS) / BAR_COUNT)
        # The first bar ends one step after the start of the graph, the last one now.
        span = {"start": now - (BAR_COUNT - 1) * bar / 1000, "end": now, "step": bar / 1000}
        whole = f"{BAR_COUNT * bar}ms"
        bars = filled(expr, whole, f"{bar}ms", gaps(server, whole, now))
        found_bars = json.loads(fetch(f"http://{server}/api/v1/query_range?{urlencode({'query': bars} | span)}"))
        sums = {
            tuple(sorted(one["metric"].items())): sum(float(value) for _, value in one["values"])
            for one in found_bars["data"]["result"]
        }
        found.append({labels: value for labels, value in sums.items() if value})
    return found
