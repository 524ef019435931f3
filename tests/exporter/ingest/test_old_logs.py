"""Old hook logs are compressed without a change of any total, in ledgers that counted them and in new ones."""

from __future__ import annotations

import gzip
import os
import sys
from itertools import count
from pathlib import Path

import pytest

from exporter.counting.catalog import LINES
from exporter.hooks_reader import HooksReader
from exporter.model.old_logs import Handled
from exporter.sources import log_compression
from exporter.sources.log_compression import opened_directory
from tests.exporter.ingest.old_logs_place import OldPlace, killed
from tests.support.synthetic_logs import event, now_us

MIN_KILLS = 40


@pytest.fixture
def place(tmp_path: Path) -> OldPlace:
    return OldPlace(tmp_path / "place")


def test_every_counted_file_is_compressed_and_no_total_changes(place: OldPlace) -> None:
    before, plain = place.totals(), {path.name for path in place.files("*")}
    size = sum(path.stat().st_size for path in place.files("*"))
    assert {result.handled for result in place.keep()} == {Handled.COMPRESSED}
    assert {path.name for path in place.files("*")} == {f"{name}.1.gz" for name in plain}
    assert sum(path.stat().st_size for path in place.files("*")) < size / 3
    assert place.totals() == before
    assert place.totals("new ledger") == before


def test_the_content_and_the_time_of_the_last_write_are_those_of_before(place: OldPlace) -> None:
    place.totals()
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in place.files("*")}
    place.keep()
    for path, was in before.items():
        compressed = path.with_name(f"{path.name}.1.gz")
        found = compressed.stat()
        assert (gzip.decompress(compressed.read_bytes()), found.st_mtime_ns, found.st_mode) == was


def test_a_session_its_calls_and_events_are_shown_as_before(place: OldPlace) -> None:
    place.totals()
    session = place.agents.sessions[0]

    def shown() -> tuple[object, ...]:
        reader = HooksReader(place.logs)
        return (
            reader.get_session_details(session),
            reader.get_session_calls(session),
            reader.get_session_events(session),
        )

    before = shown()
    place.keep()
    assert shown() == before
    assert all(before)


def test_a_kill_at_any_moment_changes_no_total(tmp_path: Path) -> None:
    place, saved = OldPlace(tmp_path / "place", lines=30), tmp_path / "saved"
    expected = place.totals()
    place.save(saved)
    for number in count():
        if not killed(place, number):
            break
        assert place.totals() == expected, number
        assert place.totals("new ledger") == expected, number
        place.keep()
        assert {path.suffix for path in place.files("*")} == {".gz"}, number
        assert not place.files(".*"), number
        assert place.totals() == expected, number
        assert place.totals("another") == expected, number
        place.restore(saved)
    assert number > MIN_KILLS


def test_a_session_that_is_resumed_counts_as_if_nothing_had_been_compressed(place: OldPlace, tmp_path: Path) -> None:
    twin, at_us = OldPlace(tmp_path / "twin"), now_us()
    for each in (place, twin):
        each.totals()
        if each is place:
            each.keep()
        event(each.logs, each.agents.sessions[0], "UserPromptSubmit", at_us, prompt="go on")
    assert place.totals() == twin.totals()
    assert place.totals("new ledger") == twin.totals("new ledger")
    place.age()
    place.keep()
    assert (place.logs / place.agents.sessions[0] / "events.jsonl.2.gz").exists()
    assert place.totals() == twin.totals()
    assert place.totals("newer ledger") == twin.totals("new ledger")


def test_files_that_somebody_decompresses_count_as_before(place: OldPlace) -> None:
    before = place.totals()
    place.keep()
    for path in place.files("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert place.totals() == place.totals("new ledger") == before
    place.age()
    place.keep()
    assert {path.suffix for path in place.files("*")} == {".gz"}
    assert place.totals() == before


def test_what_is_not_counted_stays_as_it_is(place: OldPlace) -> None:
    place.totals()
    torn, array = place.files("events.jsonl")[0], place.files("events.jsonl")[1].with_name("stop.json")
    with torn.open("ab") as log:
        log.write(b'{"torn')
    array.write_text('[\n{"session_id": "s", "hook_event_name": "Stop"}\n]')
    place.age()
    place.keep()
    assert [path for path in place.files("*") if path.suffix != ".gz"] == sorted((torn, array))


def test_a_session_with_a_recent_write_stays_as_it_is(place: OldPlace) -> None:
    recent = place.files("events.jsonl")[0]
    os.utime(recent)
    place.keep()
    assert recent.exists()
    assert not [path for path in recent.parent.iterdir() if path.suffix == ".gz"]
    assert len(place.files("*.gz")) == len(place.files("*")) - len(list(recent.parent.iterdir()))


def test_a_file_is_compressed_only_some_time_after_it_got_its_new_name(place: OldPlace) -> None:
    before = place.totals()
    assert place.keep(passes=3, settle_seconds=60) == []
    assert {path.suffix for path in place.files("*")} == {".1"}
    late = place.files("events.jsonl.1")[0]
    with late.open("ab") as log:  # by a recorder that had opened it before
        log.write(b'{"hook_event_name": "Stop"}\n')
    place.age()
    after = place.totals()
    assert after.counters[LINES.name, ("events", "counted")] == before.counters[LINES.name, ("events", "counted")] + 1
    place.keep()
    assert place.totals() == after


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell")
@pytest.mark.parametrize("prune", [False, True])
def test_a_file_that_a_program_keeps_open_stays_until_it_is_closed(place: OldPlace, prune: bool) -> None:
    place.totals()
    with place.files("events.jsonl")[0].open("ab") as log:
        assert not [result for result in place.keep(prune=prune) if result.handled is Handled.FAILED]
        (kept,) = [path for path in place.files("*") if path.suffix != ".gz"]
        log.write(b'{"hook_event_name": "Stop"}\n')
    place.age()
    after = place.totals()
    assert kept.name == "events.jsonl.1"
    place.keep(prune=prune)
    assert not kept.exists()
    assert place.totals() == after


def test_what_a_killed_process_has_compressed_before_the_last_line_was_written_is_replaced(place: OldPlace) -> None:
    place.totals()
    rotated = [path.rename(f"{path}.1") for path in place.files("*.jsonl")]
    for path in rotated:
        lines = path.read_bytes().splitlines(keepends=True)
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(b"".join(lines[:-1])))
    damaged = {path.parent: path for path in rotated}
    first, second = [*damaged.values()][:2]
    first.with_name(f"{first.name}.gz").write_bytes(gzip.compress(b"of somebody else\n"))
    second.with_name(f"{second.name}.gz").write_bytes(gzip.compress(second.read_bytes())[:-9])
    place.age()
    before = place.totals()
    failed = [result for result in place.keep() if result.handled is Handled.FAILED]
    assert {result.path for result in failed} == {str(first.parent), str(second.parent)}
    assert {"there is another file in the place of the compressed one"} == {result.reason for result in failed}
    assert first.exists()
    assert second.exists()
    assert place.totals() == place.totals("new ledger") == before


def test_what_a_process_has_left_that_was_just_killed_is_removed(place: OldPlace) -> None:
    place.totals()
    log = place.files("events.jsonl")[0]
    left = log.with_name(f".{log.name}.1.gz.{'0' * 16}.unfinished")
    left.write_bytes(b"half")
    other = left.with_suffix(".txt")
    other.write_bytes(b"of somebody else")
    place.age()
    os.utime(left)
    place.keep(settle_seconds=60)
    assert place.files(".*") == [other]


def test_a_directory_that_another_exporter_is_at_work_in_is_left_to_it(place: OldPlace) -> None:
    place.totals()
    busy = place.files("events.jsonl")[0].parent
    with opened_directory(str(busy)):
        results = place.keep()
    assert {result.path for result in results if result.handled is Handled.FAILED} == {str(busy)}
    assert not list(busy.glob("*.gz"))
    assert {result.handled for result in place.keep()} == {Handled.COMPRESSED}


def test_a_directory_with_too_many_rotated_files_fails_alone(place: OldPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_compression, "MAX_NUMBER", 2)
    place.totals()
    full = place.files("events.jsonl")[0].parent
    (full / "events.jsonl.1").touch()
    place.age()
    results = place.keep()
    assert {(result.path, result.reason) for result in results if result.handled is Handled.FAILED} == {
        (str(full), "there are too many rotated files, remove some")
    }
    assert {result.handled for result in results if not result.path.startswith(str(full))} == {Handled.COMPRESSED}


def test_links_are_not_followed(place: OldPlace, tmp_path: Path) -> None:
    place.totals()
    outside = tmp_path / "outside"
    place.files("events.jsonl")[0].parent.rename(outside)
    (place.logs / "linked").symlink_to(outside)
    linked = place.files("events.jsonl")[0]
    os.link(linked, tmp_path / "another name")
    before = place.totals()
    results = place.keep()
    assert linked.exists()
    assert not list(outside.glob("*.gz"))
    assert [result.path for result in results if result.handled is Handled.FAILED] == [str(linked.parent)] * 2
    assert place.totals() == before
