"""What is kept in memory of the calls of the last 24 hours, for the views that show them."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.benchmarks import made_logs
from tests.benchmarks.figures import Figure, a_folder

SESSIONS = 300
LABELS = 200


def figures(size: float) -> Iterator[Figure]:
    """Bytes a call, of the exporter and of the reader behind the API."""
    sessions = round(SESSIONS * size)
    with a_folder() as folder:
        texts = made_logs.texts(50, 100)
        made_logs.write_sessions(folder / "logs", made_logs.recorder, texts, sessions, sessions_a_day=sessions * 2)
        calls = sessions * made_logs.CALLS
        kept_by_meter, kept_by_reader = _kept_by_meter(folder), _kept_by_reader(folder / "logs")
    yield Figure("kept by the exporter for the last 24 h", kept_by_meter / calls, "bytes/call", most=30)
    yield Figure("kept by the sessions reader for the last 24 h", kept_by_reader / calls, "bytes/call", most=30)


def _kept_by_meter(folder: Path) -> int:
    with open_ledger(folder / "data", LABELS) as ledger:
        meter = Meter([str(folder / "logs")], ledger)
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
