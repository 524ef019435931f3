"""The events and exports of a session, and the setup, over HTTP: redacted, and within a viewer's rights."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.chatserver.api.test_sessions import give_session
from tests.chatserver.world import Person, World
from tests.support.eventful_session import EVENTFUL, SECRET, write_eventful_session
from tests.support.synthetic_logs import MINUTE_US, now_us

PATH = f"/api/sessions/{EVENTFUL}"


@pytest.fixture
def eventful(world: World) -> World:
    exporter = world.settings.exporter
    projects = Path(exporter.transcript_roots[0])
    write_eventful_session(exporter.sessions_dirs[0], projects, now_us() - 20 * MINUTE_US)
    world.services.aggregator.get_all_sessions()  # so that costs are read
    return world


def test_events_come_by_the_page_and_redacted(eventful: World, admin: Person) -> None:
    everything = admin.get(f"{PATH}/events")
    assert SECRET not in everything.text
    events = everything.json["events"]
    assert everything.json["next_cursor"] is None
    page = admin.get(f"{PATH}/events?limit=2&cursor=1").json
    assert (page["events"], page["next_cursor"]) == (events[1:3], 3)
    assert admin.get(f"{PATH}/events?cursor=999").json["events"] == []
    assert everything.json["resume"].startswith("cd '/home/you/web shop' && ")


def test_an_answer_names_the_request_that_it_is_of(eventful: World, admin: Person) -> None:
    answers = {one["request"] for one in admin.get(f"{PATH}/events").json["events"] if one["kind"] == "answer"}
    requests = {one["request"] for one in admin.get(f"{PATH}/requests").json["requests"]}
    assert answers == requests
    assert requests


@pytest.mark.parametrize(
    ("form", "media_type", "ending"),
    [("json", "application/json", "json"), ("csv", "text/csv; charset=utf-8", "csv"),
     ("markdown", "text/markdown; charset=utf-8", "md")],
)  # fmt: skip
def test_a_session_is_a_file_to_download(
    eventful: World, admin: Person, form: str, media_type: str, ending: str
) -> None:
    answer = admin.get(f"{PATH}/export?format={form}")
    assert (answer.status, answer.content_type) == (200, media_type)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="session-{EVENTFUL}.{ending}"'
    assert "make test" in answer.text
    assert SECRET not in answer.text


def test_the_cost_of_an_export_is_that_of_the_session(eventful: World, admin: Person) -> None:
    parts = json.loads(admin.get(f"{PATH}/export").text)
    cost = admin.get(PATH).json["summary"]["cost_usd"]
    assert parts["summary"]["cost_usd"] == pytest.approx(cost) == sum(one["cost_usd"] for one in parts["requests"])


def test_a_format_that_does_not_exist_is_refused(eventful: World, admin: Person) -> None:
    assert admin.get(f"{PATH}/export?format=pdf").status == 400


def test_a_user_sees_those_of_their_tasks_alone(eventful: World, ann: Person) -> None:
    for path in ("events", "export"):
        assert ann.get(f"{PATH}/{path}").status == 404
    give_session(eventful, ann.post("/api/tasks", {"description": "x"}).json["task_id"], EVENTFUL)
    for path in ("events", "export"):
        assert ann.get(f"{PATH}/{path}").status == 200


@pytest.mark.parametrize("name", ["nothing", "%2e%2e", "..%2f..%2fetc", "%00", "x" * 5000, "%0a"])
def test_a_session_that_no_log_names_is_not_found(both: World, name: str) -> None:
    for path in ("events", "export"):
        assert both.person("root" + path, "admin").get(f"/api/sessions/{name}/{path}").status == 404


def test_the_setup_says_how_to_install_hooks_here(
    world: World, admin: Person, ann: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    script, exporter = Path(sys.executable).with_name("hookmeter"), world.settings.exporter
    logs = f"--sessions-dir {exporter.sessions_dirs[0]}"
    assert admin.get("/api/setup").json == {
        "hooks_installed": False,
        "install": f"{script} hooks install {logs}",
        "doctor": f"{script} doctor {logs} --data-dir {exporter.data_dir}",
    }
    assert ann.get("/api/setup").json["install"] == "hookmeter hooks install"
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text("{broken")
    assert not admin.get("/api/setup").json["hooks_installed"]
