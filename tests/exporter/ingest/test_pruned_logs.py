"""Old hook logs are removed only if all totals survive that, and the loss of the ledger after it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.titles import remove_titles
from exporter.model.old_logs import Handled
from tests.exporter.ingest.old_logs_place import OldPlace, killed
from tests.support.synthetic_logs import event, now_us

MIN_KILLS = 30


@pytest.fixture
def place(tmp_path: Path) -> OldPlace:
    return OldPlace(tmp_path / "place")


def ledger_of(place: OldPlace) -> Path:
    return place.directory / "data" / FILE_NAME


def kept_of(place: OldPlace) -> Path:
    return ledger_of(place).with_name(f"{FILE_NAME}.kept")


def write_garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(20_000))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "garbage": write_garbage,
    "damaged": damage,
    "empty": lambda path: os.truncate(path, 0),
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_totals_survive_the_loss_of_the_ledger_after_the_logs_are_gone(place: OldPlace, name: str) -> None:
    before = place.totals()
    assert {result.handled for result in place.keep(prune=True)} == {Handled.PRUNED}
    assert place.files("*") == []
    assert place.totals() == before
    DAMAGES[name](ledger_of(place))
    assert place.totals() == before
    assert place.totals() == before


def test_totals_survive_damage_that_shows_while_the_ledger_is_in_use(place: OldPlace) -> None:
    before = place.totals()
    place.keep(prune=True)
    with place.meter() as meter:
        meter.catch_up()
        meter.ledger._found_damage = "a bad sector"
        meter.catch_up()
        assert meter.ledger.state.totals == before


def test_what_a_power_cut_has_left_of_a_copy_does_not_keep_the_ledger_from_being_restored(place: OldPlace) -> None:
    before = place.totals()
    write_garbage(kept_of(place).with_name(f"{kept_of(place).name}.unfinished"))
    assert {result.handled for result in place.keep(prune=True)} == {Handled.PRUNED}
    write_garbage(ledger_of(place).with_name(f"{FILE_NAME}.unfinished"))
    ledger_of(place).unlink()
    assert place.totals() == before
    assert not list(ledger_of(place).parent.glob("*.unfinished"))


def test_what_is_forgotten_is_forgotten_in_the_copy_too(place: OldPlace) -> None:
    session = place.agents.sessions[0]
    event(place.logs, session, "UserPromptSubmit", now_us(), prompt="plant the walnut")
    place.age()
    place.totals()
    place.keep(prune=True)
    assert b"plant the walnut" in kept_of(place).read_bytes()
    assert remove_titles(ledger_of(place).parent, [session]) == 1
    assert b"plant the walnut" not in kept_of(place).read_bytes() + ledger_of(place).read_bytes()


def test_what_was_logged_after_the_copy_is_counted_again(place: OldPlace, tmp_path: Path) -> None:
    twin, at_us = OldPlace(tmp_path / "twin"), now_us()
    for each in (place, twin):
        each.totals()
        if each is place:
            each.keep(prune=True)
        event(each.logs, each.agents.sessions[0], "UserPromptSubmit", at_us, prompt="go on")
        each.totals()
    write_garbage(ledger_of(place))
    assert place.totals() == twin.totals()


def test_compressed_logs_are_removed_too(place: OldPlace) -> None:
    before = place.totals()
    place.keep()
    assert place.files("*.gz")
    place.keep(prune=True)
    assert place.files("*") == []
    write_garbage(ledger_of(place))
    assert place.totals() == before


def test_a_kill_at_any_moment_and_damage_after_it_change_no_total(tmp_path: Path) -> None:
    place, saved = OldPlace(tmp_path / "place", lines=60), tmp_path / "saved"
    expected = place.totals()
    place.save(saved)
    for number in count():
        if not killed(place, number, prune=True):
            break
        if number % 2:
            assert place.totals() == expected, number
        write_garbage(ledger_of(place))
        assert place.totals() == expected, number
        place.keep(prune=True)
        assert place.files("*") == [], number
        write_garbage(ledger_of(place))
        assert place.totals() == expected, number
        place.restore(saved)
    assert number > MIN_KILLS


def test_what_is_not_counted_or_still_written_stays(place: OldPlace) -> None:
    place.totals()
    torn, recent = place.files("events.jsonl")[:2]
    with torn.open("ab") as log:
        log.write(b'{"torn')
    place.age()
    os.utime(recent)
    place.keep(prune=True)
    assert torn in place.files("*")
    assert recent in place.files("*")
    assert {path.parent for path in place.files("*")} == {torn.parent, recent.parent}


def test_nothing_is_removed_while_the_ledger_lacks_what_only_its_copy_has(place: OldPlace, tmp_path: Path) -> None:
    session = place.files("events.jsonl")[0].parent
    session.rename(tmp_path / "later")
    place.totals()
    shutil.copy(ledger_of(place), tmp_path / "backup")
    (tmp_path / "later").rename(session)
    before = place.totals()
    place.keep(prune=True)
    copied = kept_of(place).read_bytes()
    (tmp_path / "backup").replace(ledger_of(place))
    event(place.logs, "new", "Notification", now_us())
    place.totals()
    place.age()
    (result,) = place.keep(prune=True)
    assert result.handled is Handled.FAILED
    assert "which is gone: stop hookmeter, then move ledger.sqlite3 away to have that copy restored" in result.reason
    assert kept_of(place).read_bytes() == copied
    (new,) = place.files("*")
    new.unlink()
    ledger_of(place).unlink()
    assert place.totals() == before


def test_a_damaged_copy_is_set_aside_and_all_logs_that_remain_are_counted(place: OldPlace) -> None:
    place.totals()
    place.keep(prune=True)
    event(place.logs, "new", "Stop", now_us())
    for path in (ledger_of(place), kept_of(place)):
        write_garbage(path)
    new = place.totals()
    assert sum(value for (name, _), value in new.counters.items() if name == "hookmeter_lines") == 1
    assert len(list(kept_of(place).parent.glob("*.kept.corrupt-*"))) == 1
