"""What the server answers with a ledger whose tables are damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exporter.ledger.file_names import FILE_NAME
from tests.chatserver.api.test_history import DAY_US, count
from tests.chatserver.world import Person, World
from tests.support.synthetic_logs import HOUR_US, now_us
from tests.support.synthetic_transcripts import transcript_call

QUERY = "since=7d"
NEEDED_BY = {
    "session_list": ("comparison", "errors", "session_names", "sessions", "waits"),
    "session_usage": (),
    "call_hours": ("history", "comparison"),
    "spending": (),
    "files": (),
    "messages": (),
}
ENDPOINTS = sorted({"metrics"}.union(*NEEDED_BY.values()))


def damage(ledger: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    with ledger.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"damaged!" * (size // 8))


@pytest.mark.parametrize("table", NEEDED_BY)
def test_it_is_reported_where_it_is_needed_and_all_else_works(world: World, admin: Person, table: str) -> None:
    projects, now = Path(world.settings.exporter.transcript_roots[0]), now_us()
    transcript_call(projects, "counted", now - 5 * DAY_US, error="Exit code 1")
    count(world, world.settings.exporter.sessions_dirs[0])
    transcript_call(projects, "newest", now - HOUR_US)
    damage(world.settings.exporter.data_dir / FILE_NAME, table)
    documented = admin.get("/api/openapi.json").json["paths"]
    for endpoint in ENDPOINTS:
        answer = admin.ask("GET", f"/api/{endpoint}?{'' if endpoint == 'metrics' else QUERY}")
        if endpoint not in NEEDED_BY[table]:
            assert (answer.status, endpoint) == (200, endpoint)
            continue
        detail = "The ledger cannot be read; see the server's log, and run: hookmeter doctor"
        assert (answer.status, answer.json["detail"], endpoint) == (503, detail, endpoint)
        assert "503" in documented[f"/api/{endpoint}"]["get"]["responses"]
        assert answer.headers["Retry-After"] == "10"
