"""Whether the server can do its work."""

from __future__ import annotations

from sqlalchemy import text

from tests.chatserver.world import World


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


def test_a_server_whose_database_is_broken_says_so_and_no_secret(world: World) -> None:
    world.services.database.run(lambda connection: connection.execute(text("DROP TABLE tasks")))
    answer = world.nobody().get("/health")
    assert answer.status == 503
    assert not answer.json["database"]["ok"]
    assert "sqlite3" not in answer.text
