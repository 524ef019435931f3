"""The list of sessions of any age: the first page, with the sums over all, of a ledger with many sessions."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from exporter.ingest.changed_sessions import Unread
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.ledger.session_pages import PageOf, SessionFilter
from exporter.snapshot.session_history import SessionHistory
from tests.benchmarks import synthetic_logs
from tests.benchmarks.figures import Figure, seconds, settle, temporary_directory

SESSIONS, CALLS, DAYS = 10_000, 2, 90
LABELS = 200
MAX_MS = 50
ROUNDS = 20
NOTHING_UNREAD = Unread({}, {}, {}, {})
PAGES = {
    "newest first": (SessionFilter(), PageOf()),
    "by cost": (SessionFilter(), PageOf(sort="cost")),
    "by title, with a filter": (SessionFilter(project="*", failed=True), PageOf(sort="title")),
    "with a text in them": (SessionFilter(text="ab"), PageOf()),
}


def figures(size: float) -> Iterator[Figure]:
    """A page in each of several orders, as the server makes it."""
    sessions = round(SESSIONS * size)
    with temporary_directory() as directory:
        logs, data = directory / "logs", directory / "data"
        texts = synthetic_logs.texts(50, 100)
        synthetic_logs.write_sessions(
            logs, synthetic_logs.recorder, texts, sessions, CALLS, sessions_a_day=sessions // DAYS
        )
        with open_ledger(data, LABELS) as ledger:
            Meter([str(logs)], ledger).catch_up()
        settle()
        history = SessionHistory(data)
        for name, (wanted, page) in PAGES.items():
            assert history.page(NOTHING_UNREAD, wanted, page).sessions
            taken = [seconds(lambda: history.page(NOTHING_UNREAD, wanted, page)) for _ in range(ROUNDS)]  # noqa: B023
            yield Figure(
                f"list of {sessions:,} sessions, {name}, p50", statistics.median(taken) * 1e3, "ms", most=MAX_MS
            )
