"""`hookmeter backup` and `restore`: exact totals after everything is lost, from a backup of an exporter that runs."""

from __future__ import annotations

import io
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exporter.lifecycle.backup import restore_backup
from exporter.lifecycle.data_files import NAMES, DataFilesError
from tests.support.hookmeter_process import HOOKMETER, Exporter, Home
from tests.support.page import Samples, fetch, samples_of
from tests.support.synthetic_logs import call, now_us
from tests.support.synthetic_transcripts import transcript_call

Damage = Callable[[Path], object]
LOSSES: dict[str, Damage] = {
    "all data are gone": shutil.rmtree,
    "the ledger is gone": lambda data: (data / "ledger.sqlite3").unlink(),
    "the ledger is damaged": lambda data: (data / "ledger.sqlite3").write_bytes(b"no database" * 1000),
    "nothing is lost": lambda data: data,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    for number in range(3):
        call(found.sessions, f"s{number}", now_us())
        transcript_call(found.path / ".claude" / "projects", f"t{number}", now_us())
    found.config.parent.mkdir(parents=True)
    found.config.write_text("label-values = 300\n")
    return found


def counters(url: str) -> Samples:
    page = samples_of(fetch(f"{url}/metrics"))
    return {key: value for key, value in page.items() if key[0].startswith("claude_") and key[0].endswith("_total")}


def end(exporter: Exporter) -> None:
    exporter.process.terminate()
    exporter.process.wait(20)


def backed_up(home: Home) -> Path:
    """An archive, written while an exporter runs that goes on to count."""
    with home.exporting() as exporter:
        (home.data / "secret.key").write_text("k" * 64)
        with closing(sqlite3.connect(home.data / "server.sqlite3")) as server:
            server.execute("CREATE TABLE mine (id)")
            server.execute("INSERT INTO mine VALUES (7)")
            server.commit()
        result = home.run("backup", "saved.tar.gz")
        assert (result.returncode, result.stderr) == (0, "")
        call(home.sessions, "s0", now_us())
        call(home.sessions, "later", now_us())
        end(exporter)
    return home.path / "saved.tar.gz"


@pytest.mark.parametrize("loss", LOSSES)
def test_totals_are_exact_after_a_restore_also_of_what_was_logged_since(home: Home, loss: str) -> None:
    archive = backed_up(home)
    with home.exporting() as exporter:
        before = counters(exporter.url)
        end(exporter)
    LOSSES[loss](home.data)
    result = home.run("restore", archive)
    assert (result.returncode, result.stderr) == (0, "")
    with home.exporting() as exporter:
        assert counters(exporter.url) == before
        end(exporter)
    with closing(sqlite3.connect(home.data / "server.sqlite3")) as server:
        assert server.execute("SELECT id FROM mine").fetchall() == [(7,)]
    assert (home.data / "secret.key").read_text() == "k" * 64
    assert {(home.data / name).stat().st_mode & 0o777 for name in NAMES if (home.data / name).exists()} == {0o600}


def test_an_archive_is_for_its_owner_and_is_never_replaced(home: Home) -> None:
    archive = backed_up(home)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert "saved.tar.gz exists; name another file, or a directory" in home.refused("backup", "saved.tar.gz")
    assert "backups/hookmeter-" in home.run("backup", "backups/", "--without-search").stdout
    assert (home.path / "backups").stat().st_mode & 0o777 == 0o700
    (other,) = (home.path / "backups").iterdir()
    with tarfile.open(other) as opened:
        assert set(opened.getnames()) == {
            "manifest.json", "ledger.sqlite3", "server.sqlite3", "secret.key", "config.toml"
        }  # fmt: skip


def test_settings_are_restored_where_there_are_none(home: Home) -> None:
    archive = backed_up(home)
    home.config.write_text("label-values = 400\n")
    assert f"{home.config} is left as it is" in home.run("restore", archive).stdout
    assert home.config.read_text() == "label-values = 400\n"
    home.config.unlink()
    home.run("restore", archive)
    assert home.config.read_text() == "label-values = 300\n"


def test_nothing_is_restored_while_an_exporter_or_a_server_runs(home: Home) -> None:
    archive = backed_up(home)
    with home.exporting() as exporter:
        assert "Another hookmeter uses the ledger" in home.refused("restore", archive)
        end(exporter)
    with closing(sqlite3.connect(home.data / "server.sqlite3")) as server:
        server.execute("PRAGMA journal_mode = WAL")
        server.execute("SELECT * FROM mine").fetchall()
        assert "server.sqlite3 is in use" in home.refused("restore", archive)
    assert list(home.data.glob("*.before-restore-*")) == []


def test_a_disk_that_is_too_small_is_not_reported_as_a_damaged_archive(home: Home) -> None:
    archive = backed_up(home)
    words = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", str(HOOKMETER), "restore", str(archive)]
    result = subprocess.run(words, env=home.environment(), capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (
        2, f"hookmeter: {archive} cannot be unpacked to {home.data} (File too large).\n"
    )  # fmt: skip


def test_a_damaged_archive_changes_nothing(home: Home) -> None:
    archive = backed_up(home)
    before = (home.data / "ledger.sqlite3").read_bytes()
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    assert "is not a backup of hookmeter, or is damaged" in home.refused("restore", archive)
    assert (home.data / "ledger.sqlite3").read_bytes() == before


def test_a_file_that_is_no_archive_is_refused_in_one_line(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no archive")
    reason = "file could not be opened successfully"
    assert home.refused("restore", file) == f"hookmeter: {file} is not a backup of hookmeter, or is damaged ({reason})."


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "ledger.sqlite3/x", "other"])
def test_an_archive_writes_nothing_but_its_own_files(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "evil.tar.gz"
    with tarfile.open(archive, "w:gz") as opened:
        member = tarfile.TarInfo(name)
        member.size = 4
        opened.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(DataFilesError, match="it has"):
        restore_backup(archive, {each: tmp_path / "data" / each for each in NAMES})
    assert not (tmp_path / "evil").exists()
    assert list((tmp_path / "data").glob("*.sqlite3")) == []
