"""Refreshing: what it costs when nothing is new, and how soon a new line is on the page."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.sources.watch import Watch
from tests.benchmarks import latency, synthetic_logs
from tests.benchmarks.figures import Figure, seconds, temporary_directory
from tests.e2e.processes import hookmeter
from tests.support.page import fetch, sample, samples_of

SESSIONS = 10_000
CALLS = 2
ROUNDS = 50
IDLE_SECONDS = 5.0
LABELS = 200
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
            yield from latency.figures("one line", exporter.address, "post_tool_use", partial(_append, logs))
            idle = _idle(f"http://{exporter.address}/metrics")
            yield Figure(f"processor while idle for {IDLE_SECONDS:.0f} s", idle * 100, "%")


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


def _append(logs: Path, number: int) -> None:
    """Append the end of a call to a log."""
    directory = next(logs.iterdir())
    line = {"timestamp": datetime.now(UTC).isoformat(), "tool": "Bash", "has_error": False, "duration_ms": 1}
    line |= {"session_uuid": directory.name, "tool_use_id": f"toolu_{number}"}
    with (directory / "post_tool_use.jsonl").open("a") as log:
        log.write(json.dumps(line) + "\n")


def _idle(url: str) -> float:
    """The share of a processor that an exporter takes while nothing is asked of it."""
    before = samples_of(fetch(url))[PROCESSOR_SECONDS]
    time.sleep(IDLE_SECONDS)
    return (samples_of(fetch(url))[PROCESSOR_SECONDS] - before) / IDLE_SECONDS
