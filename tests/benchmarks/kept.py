"""What is kept in memory of the calls of the last 24 hours, for the views that show them."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.benchmarks import synthetic_logs
from tests.benchmarks.figures import Figure, temporary_directory

SESSIONS = 300
LABELS = 200


def figures(size: float) -> Iterator[Figure]:
    """Bytes a call, of the exporter and of the reader behind the API."""
    sessions = round(SESSIONS * size)
    with temporary_directory() as directory:
        texts = synthetic_logs.texts(50, 100)
        synthetic_logs.write_sessions(
            directory / "logs", synthetic_logs.recorder, texts, sessions, sessions_a_day=sessions * 2
        )
        calls = sessions * synthetic_logs.CALLS
        kept_by_meter, kept_by_reader = _kept_by_meter(directory), _kept_by_reader(directory / "logs")
    yield Figure("kept by the exporter for the last 24 h", kept_by_meter / calls, "bytes/call", most=30)
    yield Figure("kept by the sessions reader for the last 24 h", kept_by_reader / calls, "bytes/call", most=30)


def _kept_by_meter(directory: Path) -> int:
    with open_ledger(directory / "data", LABELS) as ledger:
        meter = Meter([str(directory / "logs")], ledger)
        before = _traced()
        meter.catch_up()
        return _traced_since(before)


def _kept_by_reader(logs: Path) -> int:
    reader = HooksReader(logs)
    before = _traced()
    reader.get_all_sessions()
    return _traced_since(before)


def _traced() -> int:
    tracemalloc.start()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _traced_since(before: int) -> int:
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return after - before
