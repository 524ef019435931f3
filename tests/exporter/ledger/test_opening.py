"""Opening a ledger: by one exporter at a time, and without losing or misreading one."""

from __future__ import annotations

import logging
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from exporter.counting.batch import Batch
from exporter.counting.catalog import PROMPTS
from exporter.ledger import file, migration, schema
from exporter.ledger.failures import LedgerError
from exporter.ledger.file_names import FILE_NAME, LOCK_NAME
from exporter.ledger.opening import open_ledger
from exporter.ledger.reading import read_ledger
from exporter.model.titles import TitleKind
from tests.support.permissions import unprivileged_user

LEDGER = FILE_NAME


def count_prompts(data: Path, times: int) -> None:
    with open_ledger(data, 200) as ledger:
        batch = Batch()
        batch.counted.increments.count(PROMPTS, (), times)
        ledger.commit(batch, 0)


def prompts(data: Path) -> int:
    with open_ledger(data, 200) as ledger:
        return ledger.state.totals.counters.get((PROMPTS.name, ()), 0)


def test_totals_are_kept_when_a_ledger_is_reopened(tmp_path: Path) -> None:
    count_prompts(tmp_path, 3)
    assert prompts(tmp_path) == 3


@pytest.mark.parametrize("log", [(), ("-wal",), ("-wal", "-shm")], ids=["no log", "an empty log", "an open log"])
def test_a_ledger_in_a_directory_that_cannot_be_written_is_read(log: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # which others may enter
        data = Path(directory)
        count_prompts(data, 3)
        for suffix in log:
            (data / f"{LEDGER}{suffix}").touch()
        (data / LEDGER).chmod(0o444)
        data.chmod(0o555)
        with unprivileged_user(), read_ledger(data) as ledger:
            assert ledger
            assert ledger.state.totals.counters[PROMPTS.name, ()] == 3
        data.chmod(0o755)


def test_a_ledger_in_a_directory_that_may_not_be_entered_is_an_error_of_the_ledger(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    count_prompts(closed / "data", 3)
    closed.chmod(0)
    try:
        with unprivileged_user(), pytest.raises(LedgerError, match="cannot be read"), read_ledger(closed / "data"):
            pass
    finally:
        closed.chmod(0o700)


def test_a_reader_neither_hinders_the_exporter_nor_sees_half_of_what_it_commits(tmp_path: Path) -> None:
    count_prompts(tmp_path, 3)
    with read_ledger(tmp_path) as ledger:
        assert ledger
        count_prompts(tmp_path, 4)
        batch = Batch()
        batch.titles["s", TitleKind.CUSTOM] = "Tea"
        with open_ledger(tmp_path, 200) as written:
            written.commit(batch, 0)
        assert ledger.state.totals.counters[PROMPTS.name, ()] == 3
        assert ledger.records.facts(["s"])["s"].title == ""
    with read_ledger(tmp_path) as ledger:
        assert ledger
        assert ledger.state.totals.counters[PROMPTS.name, ()] == 7
        assert ledger.records.facts(["s"])["s"].title == "Tea"


def test_a_second_process_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with open_ledger(tmp_path, 200):
        second = subprocess.run(
            [sys.executable, "-m", "exporter", "exporter", "--data-dir", tmp_path, "--metrics-listen", "127.0.0.1:0"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert second.returncode == 2
    assert second.stderr.startswith("hookmeter: Another hookmeter uses the ledger in")
    assert "--data-dir" in second.stderr
    assert second.stderr.count("\n") == 1


def test_a_ledger_of_a_newer_version_is_refused_and_not_changed(tmp_path: Path) -> None:
    count_prompts(tmp_path, 3)
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = (tmp_path / LEDGER).read_bytes()
    with pytest.raises(LedgerError, match="has version 999"), open_ledger(tmp_path, 200):
        pass
    assert (tmp_path / LEDGER).read_bytes() == before


def test_a_ledger_of_an_older_version_is_migrated_with_its_totals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_prompts(tmp_path, 3)
    newer = (*schema.MIGRATIONS, "ALTER TABLE counters ADD COLUMN note TEXT;")
    monkeypatch.setattr(migration, "MIGRATIONS", newer)
    monkeypatch.setattr(file, "VERSION", len(newer))
    assert prompts(tmp_path) == 3
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        assert schema.version(connection) == len(newer)
        assert "note" in [row[1] for row in connection.execute("PRAGMA table_info(counters)")]
    connection.close()
    (copy,) = tmp_path.glob(f"{LEDGER}.version-*")
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        assert schema.version(connection) == len(newer) - 1
        assert connection.execute("SELECT value FROM counters WHERE name = 'claude_prompts'").fetchone() == (3,)
    connection.close()


def test_a_ledger_has_its_creation_time_and_size(tmp_path: Path) -> None:
    before = time.time()
    with open_ledger(tmp_path, 200) as ledger:
        created = ledger.state.created_seconds
        assert int(before) <= created <= time.time()
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        connection.execute("UPDATE beginning SET created_seconds = 7")
    connection.close()
    count_prompts(tmp_path, 3)
    with open_ledger(tmp_path, 200) as ledger:
        assert ledger.state.created_seconds == 7
        assert ledger.state.size_bytes == (tmp_path / LEDGER).stat().st_size


@pytest.mark.parametrize("damage", [b"this is not a database", None])
def test_a_corrupt_ledger_is_set_aside_with_a_message_and_not_deleted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes | None
) -> None:
    count_prompts(tmp_path, 3)
    whole = (tmp_path / LEDGER).read_bytes()
    broken = damage or whole[:4096] + b"\xff" * (len(whole) - 4096)
    (tmp_path / LEDGER).write_bytes(broken)
    with caplog.at_level(logging.ERROR):
        assert prompts(tmp_path) == 0
    aside = [
        path for path in tmp_path.iterdir() if ".corrupt-" in path.name and not path.name.endswith(("-wal", "-shm"))
    ]
    assert [path.read_bytes() for path in aside] == [broken]
    assert "is corrupt" in caplog.text
    assert f"was renamed to {aside[0].name}" in caplog.text


def test_a_data_directory_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(LedgerError, match=r"cannot be created .*--data-dir"),
        open_ledger(tmp_path / "file" / "data", 200),
    ):
        pass


def test_only_its_owner_can_read_a_ledger(tmp_path: Path) -> None:
    count_prompts(tmp_path / "data", 1)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / LEDGER).stat().st_mode) == 0o600


def test_only_its_owner_can_hold_the_lock_of_a_ledger(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).touch(0o644)  # as older versions created it
    count_prompts(tmp_path, 1)
    assert stat.S_IMODE((tmp_path / LOCK_NAME).stat().st_mode) == 0o600
