"""Which directories of transcripts are read: those of the roots, and those that hooks name."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from exporter.counting.catalog import (
    API_REQUESTS,
)
from exporter.ingest.meter import Meter
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.queries import INSERT_TRANSCRIPT_FOLDER
from tests.exporter.ingest.transcript_place import OPUS, Place, lines, total
from tests.support.transcript_lines import (
    NOON,
    SESSION,
    SLUG,
    assistant_line,
    write,
)


@pytest.mark.parametrize("changed", [True, False], ids=["named", "walked"])
def test_a_directory_that_only_a_hook_names_is_read(place: Place, meter: Meter, changed: bool) -> None:
    elsewhere = write(place.directory / "elsewhere" / "projects" / SLUG / f"{SESSION}.jsonl", assistant_line(1))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 0
    log = place.hook(elsewhere)
    list(meter.refresh([str(log)] if changed else None))
    assert total(meter, API_REQUESTS) == 1
    assert str(elsewhere.parent) in meter.watched
    write(elsewhere, assistant_line(2))
    list(meter.refresh([str(elsewhere.parent)] if changed else None))
    assert total(meter, API_REQUESTS) == 2
    below = write(elsewhere.with_suffix("") / "subagents" / "agent-1.jsonl", assistant_line(3, isSidechain=True))
    list(meter.refresh([str(below.parent)] if changed else None))
    assert total(meter, API_REQUESTS, model=OPUS) == 3


def test_a_directory_that_a_hook_named_is_read_after_a_restart_without_the_hook_logs(place: Place) -> None:
    elsewhere = write(place.directory / "elsewhere" / "projects" / SLUG / f"{SESSION}.jsonl", assistant_line(1))
    log = place.hook(elsewhere)
    with place.meter() as meter:
        meter.catch_up()
    shutil.rmtree(log)
    write(elsewhere, assistant_line(2))
    with place.meter() as meter:
        assert str(elsewhere.parent) in meter.watched
        meter.catch_up()
        assert total(meter, API_REQUESTS) == 2
        assert lines(meter) == {"counted": 2}


def test_a_hook_that_names_a_known_directory_adds_no_directory(place: Place, meter: Meter) -> None:
    (place.directory / "link").symlink_to(place.projects)
    place.hook(write(place.transcript, assistant_line(1)))
    place.hook(place.directory / "link" / SLUG / f"{SESSION}.jsonl")
    meter.catch_up()
    assert meter.watched == (str(place.directory / "sessions"), str(place.projects))
    assert lines(meter) == {"counted": 1}


def test_a_transcript_that_does_not_exist_yet_is_read_when_a_later_hook_names_it(place: Place, meter: Meter) -> None:
    elsewhere = place.directory / "elsewhere" / "projects" / SLUG / f"{SESSION}.jsonl"
    place.hook(elsewhere, "SessionStart")
    meter.catch_up()
    write(elsewhere, assistant_line(1))
    place.hook(elsewhere)
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 1


def test_hooks_may_name_any_number_of_directories_but_only_some_are_followed(
    place: Place, meter: Meter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.ingest.transcripts.MAX_NAMED_DIRECTORIES", 3)
    projects = place.directory / "elsewhere" / "projects"
    for number in range(5):
        place.hook(write(projects / f"-{number}" / f"{SESSION}.jsonl", assistant_line(number)))
    for _ in range(3):
        meter.catch_up()
        assert total(meter, API_REQUESTS) == 3
        assert len(meter.watched) == 2 + 3
    (warning,) = caplog.messages
    assert "in 5 directories" in warning
    assert "--transcripts-dir" in warning


def test_directories_that_an_older_version_followed_are_followed_only_if_they_are_of_a_project(place: Place) -> None:
    project = place.directory / "elsewhere" / "projects" / SLUG
    with place.meter() as meter:
        meter.catch_up()
    with sqlite3.connect(place.directory / "data" / FILE_NAME) as ledger:
        ledger.executemany(INSERT_TRANSCRIPT_FOLDER, [("/usr",), (str(project),)])
    ledger.close()
    with place.meter() as meter:
        assert meter.watched[2:] == (str(project),)


def test_directories_that_are_nested_too_deeply_are_reported_and_others_are_read(place: Place, meter: Meter) -> None:
    write(place.transcript, assistant_line(1))
    write(place.project.joinpath(*["d"] * 20, "agent-1.jsonl"), assistant_line(2))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 1
    assert "nested too deeply" in meter.unreadable[str(place.project)]


@pytest.mark.parametrize("path", ["", "relative.jsonl", "/x.jsonl", "/tmp/x.txt", "/tmp/\0/x.jsonl"], ids=ascii)
def test_an_invalid_transcript_path_adds_no_directory(place: Place, meter: Meter, path: str) -> None:
    log = place.hook(Path())
    line = {"logged_at": NOON.isoformat(), "hook_event_name": "Stop", "session_id": SESSION, "transcript_path": path}
    write(log / "events.jsonl", json.dumps(line) + "\n")
    meter.catch_up()
    assert meter.watched == (str(place.directory / "sessions"), str(place.projects))
    assert meter.unreadable == {}


def test_only_the_directories_that_changed_are_read(place: Place, meter: Meter) -> None:
    other = write(place.projects / "-home-dev-other" / "a.jsonl", assistant_line(1))
    write(place.transcript, assistant_line(2))
    list(meter.refresh([str(place.project / "gone" / "subagents"), str(place.directory / "nowhere")]))
    assert total(meter, API_REQUESTS) == 1
    list(meter.refresh([str(other.parent)]))
    assert total(meter, API_REQUESTS) == 2


def test_a_root_that_cannot_be_read_is_reported_until_it_is_fixed(
    place: Place, meter: Meter, caplog: pytest.LogCaptureFixture
) -> None:
    place.projects.symlink_to(place.projects)  # a cycle, which root cannot follow either
    meter.catch_up()
    meter.catch_up()
    (sentence,) = meter.unreadable.values()
    assert sentence.startswith(f"{place.projects} cannot be read (")
    assert caplog.messages == [sentence]
    place.projects.unlink()
    write(place.transcript, assistant_line(1))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 1
    assert meter.unreadable == {}


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(place: Place, meter: Meter) -> None:
    write(place.project / "a.jsonl", assistant_line(1))
    bad = place.project / "b.jsonl"
    bad.symlink_to("/proc/self/mem")  # opens, but fails to be read at its start
    write(place.project / "c.jsonl", assistant_line(2))
    write(place.project / "c" / "subagents" / "agent-1.jsonl", assistant_line(3))
    write(place.projects / "-home-dev-other" / "a.jsonl", assistant_line(4))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 4
    (sentence,) = meter.unreadable.values()
    assert sentence.startswith(f"{bad} cannot be read (")
    bad.unlink()
    write(bad, assistant_line(5))
    meter.catch_up()
    assert total(meter, API_REQUESTS) == 5
    assert meter.unreadable == {}
