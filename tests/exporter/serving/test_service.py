"""The whole exporter, through its HTTP server."""

from __future__ import annotations

import threading
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.reading import read_ledger
from exporter.serving.service import CATCHING_UP
from exporter.sources.watch import Watch
from tests.e2e.processes import wait_for
from tests.exporter.ledger.older_ledger import turn_into, version_without
from tests.exporter.serving.served import Served, serving
from tests.support.full_disk import full_disk
from tests.support.page import fetch
from tests.support.synthetic_logs import event, now_us


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as served:
        served.service.wait_until_ready(10)
        yield served


def test_new_lines_are_on_the_page_also_from_new_directories(served: Served) -> None:
    for _ in range(3):
        for _ in range(100):
            served.agents.step()
        served.agents.settle()
        wait_for(served.is_exact, "the page to show what was logged")


def test_a_scrape_catches_up_without_file_system_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "on_any_event", lambda *_: None)
    monkeypatch.setattr("exporter.sources.watch.WALK_SECONDS", 0.0)
    monkeypatch.setattr("exporter.serving.service.IDLE_SECONDS", 60.0)
    with serving(tmp_path) as served:
        served.service.wait_until_ready(10)
        for _ in range(100):
            served.agents.step()
        served.agents.settle()
        assert served.is_exact()


def test_before_all_logs_are_counted_there_is_a_message_instead_of_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    changed_directories = Watch.changed_directories

    def held(watch: Watch) -> set[str] | None:
        released.wait(10)
        return changed_directories(watch)

    monkeypatch.setattr(Watch, "changed_directories", held)
    with serving(tmp_path) as served:
        for path in ("/metrics", "/-/ready"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                fetch(served.url + path)
            with refused.value as answer:
                assert (answer.code, answer.read().decode().strip()) == (503, CATCHING_UP)
        assert fetch(f"{served.url}/-/healthy")
        released.set()
        served.service.wait_until_ready(10)
        assert fetch(f"{served.url}/-/ready")


def test_while_the_disk_is_full_every_scrape_shows_a_larger_lag_and_more_write_errors(served: Served) -> None:
    assert served.value("hookmeter_read_lag_seconds") == served.value("hookmeter_ledger_write_errors_total") == 0
    prompts = served.value("claude_prompts_total")
    with full_disk():
        event(served.logs, "late", "UserPromptSubmit", now_us())
        lag, errors = wait_for(served.trouble, "the page to show the failure")
        wait_for(lambda: served.trouble(lag, errors), "lag and write errors to grow")
        assert served.value("claude_prompts_total") == prompts
        assert "disk I/O error" in str(served.service.ready())
    wait_for(lambda: served.value("claude_prompts_total") == prompts + 1, "the prompt to be counted")
    assert served.value("hookmeter_read_lag_seconds") == 0
    assert served.service.ready() is None


def test_while_a_step_of_reading_hangs_the_exporter_is_not_ready_and_has_no_page(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, refresh = threading.Event(), Meter.refresh

    def hang(meter: Meter, directories: object) -> Iterator[int]:
        released.wait(60)  # as a disk that does not respond
        yield 0

    monkeypatch.setattr("exporter.serving.service.MAX_STEP_SECONDS", 2)
    monkeypatch.setattr("exporter.serving.service.MAX_SCRAPE_READ_SECONDS", 0.2)
    monkeypatch.setattr(Meter, "refresh", hang)
    wait_for(served.service.ready, "the service to notice that it hangs")
    for path in ("/metrics", "/-/ready", "/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(served.url + path)
        with refused.value as answer:
            assert answer.code == 503
            assert "Reading has not advanced for" in answer.read().decode()
    assert fetch(f"{served.url}/-/healthy")
    monkeypatch.setattr(Meter, "refresh", refresh)
    released.set()
    wait_for(lambda: served.service.ready() is None, "the service to continue")
    assert served.page()


def test_an_error_of_the_watch_does_not_end_the_reader(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_watch: Watch) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as broken:
        broken.setattr(Watch, "changed_directories", fail)
        wait_for(served.service.ready, "the service to report the failure")
        assert "can't start new thread" in str(served.service.ready())
    wait_for(lambda: served.service.ready() is None, "the service to continue")


def test_a_directory_that_cannot_be_read_is_on_the_next_page_although_nothing_was_counted(served: Served) -> None:
    assert served.value("hookmeter_unreadable_folders") == 0
    log = served.logs / "bad" / "events.jsonl"
    log.parent.mkdir(parents=True)
    log.symlink_to("/proc/self/mem")  # opens, but fails to be read at its start
    wait_for(lambda: served.value("hookmeter_unreadable_folders") == 1, "the page to show the directory")
    log.unlink()
    wait_for(lambda: served.value("hookmeter_unreadable_folders") == 0, "the page to show that it can be read")


def test_the_landing_page_shows_the_state(served: Served) -> None:
    for _ in range(50):
        served.agents.step()
    served.agents.settle()
    wait_for(served.is_exact, "the page to show what was logged")
    page = fetch(f"{served.url}/")
    assert "up to date" in page
    for name in ("Sessions (24 h)", "Running sub-agents", "Commands in the background"):
        assert name in page
    assert "/metrics" in page


def test_an_older_ledger_gets_its_hours_while_the_page_is_served(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        for _ in range(200):
            served.agents.step()
        served.agents.settle()
        wait_for(served.is_exact, "the page to show what was logged")
    with read_ledger(tmp_path / "data") as ledger:
        assert ledger
        hours = ledger.call_hours(0, 1 << 40)
    turn_into(tmp_path / "data", version_without("call_kinds"))
    with serving(tmp_path) as served:
        served.service.wait_until_ready(10)
        wait_for(lambda: has_all_hours(tmp_path / "data") and served.is_exact(), "hours that are complete")
    with read_ledger(tmp_path / "data") as ledger:
        assert ledger
        assert ledger.call_hours(0, 1 << 40) == hours
    assert hours


def has_all_hours(data_dir: Path) -> bool:
    with read_ledger(data_dir) as ledger:
        return ledger is not None and ledger.calls_since_us() == 0
