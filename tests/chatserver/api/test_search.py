"""Search over HTTP: what is found, by whom, and what is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from chatserver.storage.schema import tasks
from exporter.model.since import FOREVER
from exporter.search.index_file import FILE_NAME, writable_index
from exporter.search.update import Sources, update_index
from exporter.search.writer import KEEP, UPDATED, IndexWriter
from tests.chatserver.world import Person, World, made_settings, made_world
from tests.e2e.processes import wait_for
from tests.exporter.serving.test_search_process import children
from tests.support.synthetic_logs import HOUR_US, SECOND_US, now_us
from tests.support.synthetic_transcripts import transcript, transcript_prompt


@pytest.fixture
def indexed(world: World) -> World:
    """Prompts of two sessions, one with a secret."""
    exporter = world.settings.exporter
    projects = Path(exporter.transcript_roots[0])
    for number in range(3):
        transcript_prompt(
            projects, "first", now_us() - (9 - number) * SECOND_US, f"brew tea {number} --password hunter2"
        )
    transcript_prompt(projects, "second", now_us(), "drink <b>tea</b>")
    update_index(exporter.data_dir, Sources((), exporter.transcript_roots))
    return world


def sessions(person: Person, query: str) -> list[str]:
    return sorted(result["session_uuid"] for result in person.get(f"/api/search?{query}").json["results"])


def test_an_admin_finds_everything_redacted_with_its_matches(indexed: World, admin: Person) -> None:
    answer = admin.get("/api/search?q=tea")
    assert (answer.status, answer.json["total"], answer.json["complete"]) == (200, 4, True)
    assert "hunter2" not in answer.text
    (result,) = admin.get("/api/search?q=drink").json["results"]
    assert result["excerpt"] == [{"text": "drink", "match": True}, {"text": " <b>tea</b>", "match": False}]
    assert (result["kind"], result["project"], result["session_uuid"]) == ("prompt", "shop", "second")


def test_results_come_by_the_page_and_in_a_span_of_time(indexed: World, admin: Person) -> None:
    first = admin.get("/api/search?q=tea&limit=3").json
    assert (len(first["results"]), first["next_cursor"]) == (3, 3)
    rest = admin.get("/api/search?q=tea&limit=3&cursor=3").json
    assert (len(rest["results"]), rest["next_cursor"]) == (1, None)
    assert sessions(admin, "q=tea&since=1h") == ["first", "first", "first", "second"]
    assert sessions(admin, "q=tea&until=1h") == []


def test_users_find_what_was_said_in_the_sessions_of_their_tasks_alone(indexed: World, ann: Person) -> None:
    for query in ("q=tea", "q=kind:prompt", "q=session:first", "q=project:shop", "q=brew"):
        assert sessions(ann, query) == []
    bob = indexed.person("bob")
    task_id = bob.post("/api/tasks", {"description": "brew"}).json["task_id"]
    indexed.services.database.run(
        lambda connection: connection.execute(
            update(tasks).where(tasks.c.task_id == task_id).values(session_uuid="second")
        )
    )
    assert sessions(bob, "q=tea") == ["second"]
    assert sessions(bob, "q=session:first") == []
    assert sessions(ann, "q=tea") == []


def test_nobody_searches_without_logging_in_where_that_is_required(tmp_path: Path) -> None:
    with made_world(made_settings(tmp_path, production=True)) as world:
        assert world.nobody().get("/api/search?q=tea").status == 401


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("q=", "there is nothing to search for"),
        ("q=kind:x", "invalid kind 'x'"),
        ("q=tea&since=soon", "invalid time 'soon'"),
        ("", "q"),
        (f"q={'x' * 501}", "500"),
        ("q=tea&limit=101", "100"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_with_a_reason(
    indexed: World, admin: Person, query: str, detail: str
) -> None:
    answer = admin.get(f"/api/search?{query}")
    assert answer.status == 400
    assert detail in answer.json["detail"]


def test_where_no_exporter_keeps_an_index_searching_builds_one_and_updates_it(world: World, admin: Person) -> None:
    projects = Path(world.settings.exporter.transcript_roots[0])
    transcript_prompt(projects, "first", now_us(), "brew tea")
    page = admin.get("/api/search?q=tea").json
    assert (page["complete"], page["indexed_at"]) == (False, None)
    wait_for(lambda: sessions(admin, "q=tea") == ["first"], "the index to be built")
    transcript_prompt(projects, "second", now_us(), "more tea")
    wait_for(lambda: sessions(admin, "q=tea") == ["first", "second"], "the index to be updated")


def test_a_server_without_the_setting_keeps_what_its_exporter_keeps(indexed: World, admin: Person) -> None:
    exporter = indexed.settings.exporter
    with writable_index(exporter.data_dir) as connection:
        IndexWriter(connection).set_fact(KEEP, FOREVER)
        IndexWriter(connection).set_fact(UPDATED, 1)
    projects = Path(exporter.transcript_roots[0])
    transcript(projects, "second").unlink()
    transcript_prompt(projects, "third", now_us(), "last tea")
    wait_for(lambda: "third" in sessions(admin, "q=tea"), "the index to be updated")
    assert "second" in sessions(admin, "q=tea")


def test_an_index_that_is_of_the_future_since_the_clock_was_set_back_is_updated(indexed: World, admin: Person) -> None:
    exporter = indexed.settings.exporter
    with writable_index(exporter.data_dir) as connection:
        IndexWriter(connection).set_fact(UPDATED, now_us() + HOUR_US)
    transcript_prompt(Path(exporter.transcript_roots[0]), "third", now_us(), "last tea")
    wait_for(lambda: "third" in sessions(admin, "q=tea"), "the index to be updated")


def test_where_an_exporter_keeps_the_index_the_server_starts_no_process(indexed: World, admin: Person) -> None:
    assert sessions(admin, "q=drink") == ["second"]
    assert children(os.getpid()) == []


def test_a_damaged_index_is_reported_and_everything_else_works(indexed: World, admin: Person) -> None:
    (indexed.settings.exporter.data_dir / FILE_NAME).write_bytes(b"damaged" * 1000)
    answer = admin.get("/api/search?q=tea")
    assert answer.status == 503
    assert "is damaged" in answer.json["detail"]
    assert admin.get("/api/sessions").status == 200


def test_search_can_be_switched_off(tmp_path: Path) -> None:
    settings = made_settings(tmp_path)
    off = replace(settings, exporter=replace(settings.exporter, no_search=True))
    with made_world(off) as world:
        answer = world.person("root", "admin").get("/api/search?q=tea")
    assert (answer.status, "switched off" in answer.json["detail"]) == (404, True)
