"""An index that is damaged, locked or on a full disk costs the search alone."""

from __future__ import annotations

import sqlite3
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from exporter.search.index_file import DamagedIndexError, SearchIndexError, writable_index
from exporter.search.update import update_index
from tests.exporter.search.indexed import Indexed
from tests.exporter.search.test_texts import START, say
from tests.support.full_disk import full_disk
from tests.support.permissions import unprivileged_user


@pytest.fixture
def filled(indexed: Indexed) -> Indexed:
    for number in range(200):
        say(indexed, f"cup {number} {'of tea ' * 50}", START + number)
    indexed.update()
    return indexed


def test_only_its_owner_can_read_the_index(filled: Indexed) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in filled.data.iterdir()}
    assert modes
    assert {mode for name, mode in modes.items() if name.startswith("search")} == {0o600}
    assert stat.S_IMODE(filled.data.stat().st_mode) == 0o700


def test_an_index_in_a_directory_that_cannot_be_written_is_searched() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # which others may enter
        Path(directory).chmod(0o755)
        indexed = Indexed(Path(directory))
        say(indexed, "a cup of tea", START)
        indexed.update()
        indexed.file.chmod(0o444)
        indexed.data.chmod(0o555)
        with unprivileged_user():
            assert indexed.page("cup")["total"] == 1
        indexed.data.chmod(0o755)


@pytest.mark.parametrize("place", [0, 100, 8_192, 40_000, 90_000])
def test_a_damaged_index_is_built_again_once_anyone_runs_into_the_damage(filled: Indexed, place: int) -> None:
    with filled.file.open("r+b") as file:
        file.seek(place)
        file.write(b"\xa5" * 8192)
    say(filled, "one more cup", START + 1000)
    update_index(filled.data, filled.sources)
    with suppress(DamagedIndexError):
        for text in ("cup", "tea", "kind:answer"):
            filled.page(text, limit=300)
    update_index(filled.data, filled.sources)
    assert filled.page("cup")["total"] == 201


def test_what_is_no_database_is_replaced(filled: Indexed) -> None:
    filled.file.write_bytes(b"not a database, but as long as one" * 100)
    with pytest.raises(DamagedIndexError, match=r"is damaged .*; the exporter builds it again"):
        filled.page("cup")
    filled.update()
    assert filled.page("cup")["total"] == 200


def test_an_index_of_another_version_is_not_read_but_replaced(filled: Indexed) -> None:
    with sqlite3.connect(filled.file) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert not filled.page("cup")["complete"]
    filled.update()
    assert filled.page("cup")["total"] == 200


def test_a_full_disk_is_reported_in_a_sentence_and_nothing_is_lost(filled: Indexed) -> None:
    say(filled, "one more cup", START + 1000)
    with full_disk(), pytest.raises(SearchIndexError, match=r"cannot be used .*; nothing else is affected"):
        filled.update()
    assert filled.page("cup")["total"] == 200
    filled.update()
    assert filled.page("cup")["total"] == 201


def test_an_index_that_another_process_writes_is_read_and_waits_to_be_written(
    filled: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.search.index_file.WAIT_SECONDS", 0.05)
    say(filled, "one more cup", START + 1000)
    with writable_index(filled.data) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert filled.page("cup")["total"] == 200
        with pytest.raises(SearchIndexError, match="database is locked"):
            filled.update()
        connection.execute("ROLLBACK")
    filled.update()
    assert filled.page("cup")["total"] == 201


def test_a_data_directory_that_cannot_be_written_is_reported_in_a_sentence(indexed: Indexed) -> None:
    indexed.data.write_text("a file")
    with pytest.raises(SearchIndexError, match=r"search.sqlite3 cannot be used \(File exists\)"):
        indexed.update()
