"""Scraping: what a page costs that has not changed, and one of many series that has."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from exporter.counting.batch import Batch
from exporter.counting.catalog import TOOL_CALL_DURATION, TOOL_CALLS
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.records import Outcome
from exporter.serving.pages import TEXT, Pages
from exporter.serving.run import exporter
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.benchmarks.figures import Figure, seconds, temporary_directory

TOOLS = 89  # each has 17 series of durations, 4 of outcomes and one in flight: 2,000 with all others
ROUNDS = 50
LABELS = 1_000


def figures(size: float) -> Iterator[Figure]:
    """On the server's side, and over loopback."""
    with temporary_directory() as directory:
        tools = round(TOOLS * size)
        with open_ledger(directory / "data", LABELS) as ledger:
            meter = Meter([str(directory)], ledger)
            _count_calls(meter, tools)
            pages = Pages(meter)
            series = sum(not line.startswith(b"#") for line in pages.page(TEXT).plain.splitlines())
            unchanged = [seconds(lambda: pages.page(TEXT)) for _ in range(ROUNDS)]
            changed = [_changed(meter, pages) for _ in range(ROUNDS)]
        loopback = _over_loopback(directory)
    what = f"{series:,} series"
    yield Figure(f"scrape, {what}, unchanged, server side, p50", statistics.median(unchanged) * 1e3, "ms", most=2)
    yield Figure(f"scrape, {what}, unchanged, over loopback with gzip, p50", loopback * 1e3, "ms", most=2)
    yield Figure(f"scrape, {what}, changed, with gzip, p50", statistics.median(changed) * 1e3, "ms", most=30)


def _count_calls(meter: Meter, tools: int) -> None:
    batch = Batch()
    for number in range(tools):
        tool = f"mcp__server{number % 7}__tool{number}"
        batch.counted.increments.observe_all(TOOL_CALL_DURATION, range(0, 10**9, 10**7), (tool,))
        for outcome in (Outcome.SUCCESS, Outcome.ERROR, Outcome.DENIED, Outcome.INTERRUPTED):
            batch.counted.increments.count(TOOL_CALLS, (tool, "main", outcome), 1000 + number)
    meter.ledger.commit(batch, meter.clock())


def _changed(meter: Meter, pages: Pages) -> float:
    meter.ledger.commit(Batch(), meter.clock())
    return seconds(lambda: pages.page(TEXT))


def _over_loopback(directory: Path) -> float:
    """The median of scrapes like Prometheus' own, over one connection that stays."""
    settings = Settings((directory / "logs",), directory / "data", ListenAddress("127.0.0.1", 0), None, LABELS)
    with exporter(settings) as (server, service):
        thread = server.start_in_thread()
        service.wait_until_ready()
        client = HTTPConnection("127.0.0.1", server.address.port)
        _scrape(client)
        taken = [seconds(lambda: _scrape(client)) for _ in range(ROUNDS)]
        client.close()
        server.stop()
        thread.join()
    return statistics.median(taken)


def _scrape(client: HTTPConnection) -> None:
    client.request("GET", "/metrics", headers={"Accept": "text/plain;version=0.0.4", "Accept-Encoding": "gzip"})
    response = client.getresponse()
    assert response.status == 200
    assert response.headers["Content-Encoding"] == "gzip"
    response.read()
