"""`hookmeter migrate-data`: what was counted below a directory is counted on where every command finds it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exporter.lifecycle import migration
from exporter.lifecycle.migration import migrate_data
from tests.support.hookmeter_process import Exporter, Home
from tests.support.page import Samples, fetch, samples_of
from tests.support.synthetic_logs import call, now_us
from tests.support.synthetic_transcripts import transcript_call

CALLS = "claude_tool_calls_total"


@pytest.fixture
def old(tmp_path: Path) -> Home:
    """A home with a checkout in which an earlier version has counted, and still records."""
    home = Home(tmp_path / "home")
    checkout = home.path / "clone"
    for number in range(3):
        call(checkout / "logs" / "sessions", f"s{number}", now_us())
        transcript_call(home.path / ".claude" / "projects", f"t{number}", now_us())
    with home.exporting("--data-dir", checkout / "data", "--sessions-dir", checkout / "logs" / "sessions") as exporter:
        end(exporter)
    return home


def totals(home: Home, directory: Path) -> Samples:
    """The counters of an exporter that is started in a directory."""
    with home.exporting(cwd=directory) as exporter:
        page = samples_of(fetch(f"{exporter.url}/metrics"))
        end(exporter)
    return {key: value for key, value in page.items() if key[0].startswith("claude_") and key[0].endswith("_total")}


def test_data_below_the_current_directory_are_used_there_and_doctor_offers_to_move_them(old: Home) -> None:
    examined = old.run("doctor", "--metrics-listen", "127.0.0.1:1", cwd=old.path / "clone").stdout
    assert f"{old.path}/clone/data/ledger.sqlite3 is intact" in examined
    assert f"{old.path}/clone/data is used only by commands that are called in {old.path}/clone" in examined
    assert "hookmeter migrate-data" in examined
    assert f"none yet in {old.data}" in old.run("doctor", "--metrics-listen", "127.0.0.1:1").stdout


def test_totals_are_exact_after_the_move_also_of_what_is_recorded_later(old: Home) -> None:
    clone = old.path / "clone"
    before = totals(old, clone)
    moved = old.run("migrate-data", cwd=clone)
    assert (moved.returncode, moved.stderr) == (0, "")
    assert f"moved to {old.data}: ledger.sqlite3" in moved.stdout
    assert totals(old, clone) == totals(old, old.path) == before
    call(clone / "logs" / "sessions", "s0", now_us())
    after = totals(old, old.path)
    assert calls(after) == calls(before) + 1
    assert "is used only by" not in old.run("doctor", cwd=clone).stdout
    assert [str(path) for path in (old.data, clone / "data") if (path / "ledger.sqlite3").exists()] == [str(old.data)]


def test_settings_that_are_there_stay(old: Home) -> None:
    old.config.parent.mkdir(parents=True)
    old.config.write_text("# mine\n[cost]\nby = 'project'\n")
    assert old.run("migrate-data", old.path / "clone" / "data").returncode == 0
    own, logs = old.sessions, old.path / "clone" / "logs" / "sessions"
    assert (
        old.config.read_text()
        == f"sessions-dir = {json.dumps([str(own), str(logs)])}\n# mine\n[cost]\nby = 'project'\n"
    )
    assert old.run("cost").returncode == 0


def test_data_in_use_are_not_moved(old: Home) -> None:
    clone = old.path / "clone"
    with old.exporting(cwd=clone):
        result = old.run("migrate-data", cwd=clone)
    assert result.returncode == 2
    assert result.stderr.startswith("hookmeter: Another hookmeter uses the ledger in ")
    with sqlite3.connect(clone / "data" / "server.sqlite3") as server:  # as a server that runs has it
        server.execute("PRAGMA journal_mode = WAL")
        server.execute("CREATE TABLE tasks (id)")
        server.commit()
        server.execute("SELECT * FROM tasks").fetchall()
        refused = old.run("migrate-data", cwd=clone)
        assert refused.returncode == 2
        assert f"{clone}/data/server.sqlite3 is in use" in refused.stderr
    server.close()
    assert not old.data.joinpath("ledger.sqlite3").exists()
    assert not old.config.exists()


def test_data_of_both_places_are_never_mixed(old: Home) -> None:
    with old.exporting() as exporter:
        end(exporter)
    clone = old.path / "clone"
    refused = old.run("migrate-data", cwd=clone)
    assert refused.returncode == 2
    assert f"{old.data} has data of its own (ledger.sqlite3" in refused.stderr
    assert "add --replace" in refused.stderr
    assert "set aside: " in old.run("migrate-data", "--replace", cwd=clone).stdout
    assert len(list(old.data.glob("ledger.sqlite3.replaced-*"))) == 1


@pytest.mark.parametrize("step", ["copy_file", "put_in_place", "set_aside"])
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_move_that_is_cut_off_anywhere_loses_nothing_and_can_be_repeated(
    old: Home, monkeypatch: pytest.MonkeyPatch, step: str, failing: int
) -> None:
    """Three files are moved; the process ends at each step with each of them."""
    clone = old.path / "clone"
    (clone / "data" / "secret.key").write_text("k" * 64)
    if not (clone / "data" / "search.sqlite3").exists():
        with closing(sqlite3.connect(clone / "data" / "search.sqlite3")) as search:
            search.execute("CREATE TABLE facts (name)")
    before = ledger_of(clone / "data")
    real, done = getattr(migration, step), []

    def cut_off(*words: object) -> object:
        done.append(words)
        if len(done) == failing:
            raise KeyboardInterrupt
        return real(*words)

    monkeypatch.setattr(migration, step, cut_off)
    with pytest.raises(KeyboardInterrupt):
        migrate_data(clone / "data", old.data, lambda: None, replace=False)
    monkeypatch.undo()
    used = clone / "data" if (clone / "data" / "ledger.sqlite3").exists() else old.data
    assert ledger_of(used) == before
    if used != old.data:
        migrate_data(clone / "data", old.data, lambda: None, replace=False)
    assert ledger_of(old.data) == before
    assert (old.data / "secret.key").read_text() == "k" * 64
    shutil.rmtree(clone)
    assert totals(old, old.path)


def end(exporter: Exporter) -> None:
    """End an exporter and the process that indexes texts."""
    exporter.process.terminate()
    exporter.process.wait(20)


def calls(page: Samples) -> float:
    return sum(value for (name, _), value in page.items() if name == CALLS)


def ledger_of(directory: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{directory}/ledger.sqlite3?mode=ro", uri=True)) as connection:
        return sorted(connection.execute("SELECT name, labels, value FROM counters"))
