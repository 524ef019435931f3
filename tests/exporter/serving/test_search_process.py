"""The process that keeps the search index up to date."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from exporter.search.index_file import FILE_NAME, SearchIndexError
from exporter.search.view import SearchRequest, search_page
from exporter.serving.search_process import SearchProcess
from exporter.settings import Settings
from exporter.web.listen_address import ListenAddress
from tests.e2e.processes import wait_for
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import now_us
from tests.support.synthetic_transcripts import transcript, transcript_prompt


def finds(data: Path, text: str, number: int) -> Callable[[], bool]:
    """Whether a search finds so many texts."""

    def found() -> bool:
        try:
            return search_page(data, SearchRequest(text))["total"] == number
        except SearchIndexError:
            return False

    return found


def children(process: int) -> list[int]:
    """The indexing processes that a process has started."""
    found = psutil.Process(process).children()
    return [child.pid for child in found if any("search_indexer" in word for word in child.cmdline())]


def test_the_exporter_indexes_what_is_written_with_the_lowest_priority(tmp_path: Path) -> None:
    home, projects, data = Home(tmp_path), tmp_path / ".claude" / "projects", Home(tmp_path).data
    transcript_prompt(projects, "s1", now_us(), "make tea")
    with home.exporting() as exporter:
        wait_for(finds(data, "tea", 1), "the index to have what was there")
        (child,) = children(exporter.process.pid)
        assert os.getpriority(os.PRIO_PROCESS, child) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 19)
        transcript_prompt(projects, "s2", now_us(), "more tea")
        wait_for(finds(data, "tea", 2), "the index to have what is new")
        exporter.process.send_signal(signal.SIGTERM)
        assert exporter.process.wait(10) == 0
    wait_for(lambda: not Path(f"/proc/{child}").exists(), "the process to end")


def test_the_process_ends_with_an_exporter_that_is_killed(tmp_path: Path) -> None:
    transcript_prompt(tmp_path / ".claude" / "projects", "s1", now_us(), "make tea")
    with Home(tmp_path).exporting() as exporter:
        wait_for(finds(Home(tmp_path).data, "tea", 1), "the index")
        (child,) = children(exporter.process.pid)
        exporter.process.kill()
        exporter.process.wait(10)
        wait_for(lambda: not Path(f"/proc/{child}").exists(), "the process to end")


def test_paths_may_have_any_bytes(tmp_path: Path) -> None:
    projects, data = (tmp_path / os.fsdecode(name) for name in (b"pro\xffjects '", b"da\xffta"))
    listen = ListenAddress("127.0.0.1", 0)
    process = SearchProcess(Settings((tmp_path / "logs",), data, listen, None, 10, (str(projects),)), 0)
    try:
        transcript_prompt(projects, "s1", now_us(), "make tea")
        process.wake()
        wait_for(finds(data, "tea", 1), "the index")
        transcript(projects, "s1").unlink()
        transcript_prompt(projects, "s2", now_us(), "other tea")
        process.wake()
        wait_for(finds(data, "other", 1), "the index to have what is new")
        assert finds(data, "tea", 1)()
    finally:
        process.stop()


def test_without_search_there_is_neither_process_nor_index(tmp_path: Path) -> None:
    with Home(tmp_path).exporting("--no-search") as exporter:
        assert children(exporter.process.pid) == []
    index = Home(tmp_path).data / FILE_NAME
    assert not index.exists()
    index.touch()
    with Home(tmp_path).exporting("--no-search") as exporter:
        assert exporter.process.stderr
        assert f"what was indexed before is still in {index}" in exporter.process.stderr.readline()


def test_what_is_kept_after_its_transcript_is_a_setting_of_the_exporter(tmp_path: Path) -> None:
    home, projects, data = Home(tmp_path), tmp_path / ".claude" / "projects", Home(tmp_path).data
    transcript_prompt(projects, "s1", now_us(), "make tea")
    with home.exporting("--keep-search", "forever"):
        wait_for(finds(data, "tea", 1), "the index")
    transcript(projects, "s1").unlink()
    assert "1 result." in home.run("search", "tea").stdout
    with home.exporting():
        wait_for(finds(data, "tea", 0), "the text to go, as keeping it is no longer asked for")


@pytest.mark.parametrize("value", ["90", "soon", "-1", ""])
def test_an_invalid_time_is_refused(tmp_path: Path, value: str) -> None:
    assert "use 90d, 12w or forever" in Home(tmp_path).refused("exporter", f"--keep-search={value}")


def test_a_process_that_was_killed_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.serving.search_process.RESTART_SECONDS", 0.0)
    projects, data = tmp_path / "projects", tmp_path / "data"
    listen = ListenAddress("127.0.0.1", 0)
    process = SearchProcess(Settings((tmp_path / "logs",), data, listen, None, 10, (str(projects),)), 0)
    try:
        transcript_prompt(projects, "s1", now_us(), "make tea")
        process.wake()
        wait_for(finds(data, "tea", 1), "the index")
        (child,) = children(os.getpid())
        os.kill(child, signal.SIGKILL)
        transcript_prompt(projects, "s2", now_us(), "more tea")

        def is_found_again() -> bool:
            process.wake()
            return finds(data, "tea", 2)()

        wait_for(is_found_again, "the index to have what is new")
    finally:
        process.stop()
    assert children(os.getpid()) == []


def test_a_process_that_cannot_write_says_so_once_and_the_metrics_are_served(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.data / FILE_NAME).mkdir(parents=True)
    with home.exporting() as exporter:
        assert exporter.process.stderr
        line = exporter.process.stderr.readline()
    assert "search.sqlite3 cannot be used" in line
    assert "nothing else is affected" in line
