"""Refreshing: what it costs when nothing is new, and how soon a new line is on the page."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.sources.watch import Watch
from tests.benchmarks import synthetic_logs
from tests.benchmarks.figures import Figure, seconds, temporary_directory
from tests.e2e.processes import hookmeter
from tests.support.page import fetch, sample, samples_of

SESSIONS = 10_000
CALLS = 2
ROUNDS = 50
IDLE_SECONDS = 5.0
LABELS = 200
LINES = sample("hookmeter_lines_total", source="post_tool_use", result="counted")
PROCESSOR_SECONDS = sample("process_cpu_seconds_total")


def figures(size: float) -> Iterator[Figure]:
    """A refresh with nothing new, a full walk, the way of one line, and what it costs to be idle."""
    sessions = round(SESSIONS * size)
    with temporary_directory() as directory:
        logs = directory / "logs"
        synthetic_logs.write_sessions(
            logs, synthetic_logs.older_recorder, synthetic_logs.texts(50, 100), sessions, CALLS, sessions_a_day=sessions
        )
        yield from _in_process(f"{sessions:,} sessions", logs, directory / "data")
        with hookmeter("--sessions-dir", logs, "--data-dir", directory / "data") as exporter:
            url = f"http://{exporter.address}/metrics"
            delays = [_delay(logs, url, number) for number in range(ROUNDS)]
            yield Figure("one line until it is on /metrics, p50", statistics.median(delays) * 1e3, "ms", most=100)
            yield Figure("one line until it is on /metrics, the longest", max(delays) * 1e3, "ms", most=100)
            yield Figure(f"processor while idle for {IDLE_SECONDS:.0f} s", _idle(url) * 100, "%")


def _in_process(what: str, logs: Path, data: Path) -> Iterator[Figure]:
    """The refreshes that the exporter's reader does, one by one."""
    with open_ledger(data, LABELS) as ledger:
        meter, watch = Meter([str(logs)], ledger), Watch([str(logs)], lambda: None)
        watch.start()
        try:
            while (directories := watch.changed_directories()) is None or directories:
                _run(meter, directories)
            nothing_new = [seconds(lambda: _run(meter, watch.changed_directories())) for _ in range(ROUNDS)]
            walks = [seconds(meter.catch_up) for _ in range(3)]
        finally:
            watch.stop()
    yield Figure(f"refresh, {what}, nothing new, p50", statistics.median(nothing_new) * 1e3, "ms", most=5)
    yield Figure(f"full walk, {what}, nothing new", min(walks) * 1e3, "ms")


def _run(meter: Meter, directories: set[str] | None) -> None:
    for _ in meter.refresh(directories):
        pass


def _delay(logs: Path, url: str, number: int) -> float:
    """Seconds from one appended line until the page counts it."""
    directory = next(logs.iterdir())
    line = {"timestamp": datetime.now(UTC).isoformat(), "tool": "Bash", "has_error": False, "duration_ms": 1}
    line |= {"session_uuid": directory.name, "tool_use_id": f"toolu_{number}"}
    before = samples_of(fetch(url))[LINES]
    with (directory / "post_tool_use.jsonl").open("a") as log:
        log.write(json.dumps(line) + "\n")
    began = time.perf_counter()
    while samples_of(fetch(url))[LINES] == before:
        pass
    return time.perf_counter() - began


def _idle(url: str) -> float:
    """The share of a processor that an exporter takes while nothing is asked of it."""
    before = samples_of(fetch(url))[PROCESSOR_SECONDS]
    time.sleep(IDLE_SECONDS)
    return (samples_of(fetch(url))[PROCESSOR_SECONDS] - before) / IDLE_SECONDS
