"""What the server cannot read is logged once, and so is that it can be read again."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending
from exporter.snapshot.unreadable import UnreadableLog
from tests.support.permissions import unprivileged_user
from tests.support.synthetic_logs import HOUR_US, MINUTE_US, call, now_us
from tests.support.synthetic_transcripts import transcript, transcript_call


class Reading:
    """What is read below a directory that others may enter; all files are looked at each time."""

    def __init__(self, root: Path) -> None:
        root.chmod(0o755)
        self.logs, self.projects = root / "sessions", root / "projects"
        self.now = now_us()
        self._live = LiveSessions(self.logs, clock=lambda: self.now, transcript_roots=[self.projects])
        self._spending = LiveSpending(root / "data", [str(self.projects)], clock=lambda: self.now)
        self._log = UnreadableLog()

    def read(self) -> None:
        self.now += MINUTE_US
        with unprivileged_user():
            self._live.refresh(60)
            self._spending.refresh(60)
            self._log.note(self._live, self._spending)


@pytest.fixture
def reading() -> Iterator[Reading]:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # other users cannot access tmp_path
        yield Reading(Path(directory))


def test_each_path_is_logged_when_it_becomes_unreadable_and_when_it_can_be_read_again(
    reading: Reading, caplog: pytest.LogCaptureFixture
) -> None:
    call(reading.logs, "recorded", now_us() - HOUR_US)
    transcript_call(reading.projects, "written", now_us() - HOUR_US)
    places = [reading.logs / "recorded", transcript(reading.projects, "written")]
    reading.read()
    assert caplog.messages == []
    transcript_call(reading.projects, "written", now_us() - HOUR_US)
    for place in places:
        place.chmod(0)
    for _ in range(3):
        reading.read()
    missing = "cannot be read (Permission denied). What it has is missing in figures and lists."
    assert sorted(caplog.messages) == sorted(f"{place} {missing}" for place in places)
    caplog.clear()
    for place in places:
        place.chmod(0o755)
    for _ in range(2):
        reading.read()
    assert sorted(caplog.messages) == sorted(f"{place} can be read again." for place in places)
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_a_ledger_that_cannot_be_read_is_logged_as_well(reading: Reading, caplog: pytest.LogCaptureFixture) -> None:
    data = reading.logs.with_name("data")
    data.mkdir()
    (data / "ledger.sqlite3").write_text("not a database" * 1000)
    for _ in range(3):
        reading.read()
    (line,) = caplog.messages
    assert line.startswith(f"The ledger {data / 'ledger.sqlite3'} cannot be read")
    (data / "ledger.sqlite3").unlink()
    reading.read()
    assert caplog.messages[1:] == [f"{data / 'ledger.sqlite3'} can be read again."]
