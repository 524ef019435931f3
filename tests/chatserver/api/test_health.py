"""Whether the server can do its work."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from tests.chatserver.world import World
from tests.e2e.processes import wait_for


def test_a_server_that_works_says_so(both: World) -> None:
    both.services.start()
    kind = "sqlite" if both.services.database.is_sqlite else "postgresql"
    answer = both.nobody().get("/health")
    assert answer.status == 200
    assert answer.json["ok"]
    assert answer.json["database"] == {"ok": True, "detail": kind}


def test_a_server_whose_pool_does_not_run_says_so(world: World) -> None:
    answer = world.nobody().get("/health")
    assert answer.status == 503
    assert not answer.json["pool"]["ok"]


def test_a_server_that_can_read_its_database_but_not_write_it_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatserver.tasks.pool.HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr("chatserver.tasks.servers.STALE_SECONDS", 3.0)
    world.services.start()
    wait_for(lambda: world.nobody().get("/health").status == 200, "the server to be well")
    file = world.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wait_for(lambda: world.nobody().get("/health").status == 503, "the server to say so")
    wait_for(lambda: world.nobody().get("/health").status == 200, "the server to be well again")


def test_a_server_whose_database_is_broken_says_so_and_no_secret(world: World) -> None:
    world.services.database.run(lambda connection: connection.execute(text("DROP TABLE tasks")))
    answer = world.nobody().get("/health")
    assert answer.status == 503
    assert not answer.json["database"]["ok"]
    assert "sqlite3" not in answer.text
