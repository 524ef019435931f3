"""Sessions counted group by group: read on where they changed, and from the start where that is needed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from exporter.ingest import follow
from exporter.ingest.follow import SessionGroup
from exporter.ingest.recent_sessions import FollowedGroup
from exporter.ingest.session_log import SessionLogs
from exporter.sources.directory_reader import DirectoryRead, read_directory
from tests.support.synthetic_logs import SECOND_US, call

NOW = 1_790_000_000_000_000
HOUR_US = 3600 * SECOND_US


@pytest.fixture
def lines_read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The numbers of records and paired calls of each reading, summed."""
    lines: Counter[str] = Counter()

    def counted(*arguments: object, **options: object) -> DirectoryRead:
        read = read_directory(*arguments, **options)  # type: ignore[arg-type] # whatever is passed
        lines["calls"] += len(read.paired.call_ids) if read.paired else 0
        lines["records"] += len(read.records)
        return read

    monkeypatch.setattr(follow, "read_directory", counted)
    return lines


def readable(_directory: str, error: OSError | None) -> None:
    assert error is None


def calls_of(group: FollowedGroup, now_us: int) -> int:
    group.refresh(readable, now_us)
    return sum(counted.session.calls for counted in group.sessions.values())


def written(root: Path, at_us: int, number: int = 1) -> FollowedGroup:
    for _ in range(number):
        call(root, "s", at_us)
    return FollowedGroup(SessionGroup((str(root / "s"),)))


def test_only_new_lines_are_read(tmp_path: Path, lines_read: Counter[str]) -> None:
    group = written(tmp_path, NOW, 20)
    assert calls_of(group, 0) == 20
    lines_read.clear()
    assert calls_of(group, 0) == 20
    assert lines_read.total() == 0
    call(tmp_path, "s", NOW)
    assert calls_of(group, 0) == 21
    assert lines_read["records"] == 2


def test_a_group_that_continues_after_a_while_is_counted_as_a_whole(tmp_path: Path, lines_read: Counter[str]) -> None:
    group = written(tmp_path, NOW, 5)
    long_after_us = NOW + 2 * HOUR_US
    assert calls_of(group, long_after_us) == 5
    assert calls_of(group, long_after_us) == 5
    call(tmp_path, "s", NOW)
    assert calls_of(group, long_after_us) == 6


def test_a_log_that_has_shrunk_is_counted_again(tmp_path: Path) -> None:
    group = written(tmp_path, NOW, 5)
    assert calls_of(group, 0) == 5
    for log in (tmp_path / "s").iterdir():
        log.write_bytes(b"")
    call(tmp_path, "s", NOW)
    assert calls_of(group, 0) == 1


def test_a_log_that_has_vanished_is_no_longer_counted(tmp_path: Path) -> None:
    group = written(tmp_path, NOW, 2)
    assert calls_of(group, 0) == 2
    for log in (tmp_path / "s").iterdir():
        log.unlink()
    assert calls_of(group, 0) == 0


def test_a_session_log_reads_only_what_is_new_until_it_is_dropped(tmp_path: Path, lines_read: Counter[str]) -> None:
    group = written(tmp_path, NOW, 4).group
    logs = SessionLogs(10_000)
    assert len(logs.refreshed("s", (group,), readable, 0).calls()) == 4
    call(tmp_path, "s", NOW)
    lines_read.clear()
    assert len(logs.refreshed("s", (group,), readable, 0).calls()) == 5
    assert lines_read["records"] == 2
    other = SessionGroup((str(tmp_path / "other"),))
    call(tmp_path, "other", NOW)
    small = SessionLogs(1)  # but the log that was used last is kept, however large it is
    for name, read, calls, records in (
        ("s", group, 5, 10),
        ("s", group, 5, 0),
        ("other", other, 1, 2),
        ("s", group, 5, 10),
    ):
        lines_read.clear()
        assert len(small.refreshed(name, (read,), readable, 0).calls()) == calls
        assert lines_read["records"] == records


def test_a_call_that_never_ends_expires_once_and_keeps_its_place(tmp_path: Path) -> None:
    call(tmp_path, "s", NOW, tool="Bash", took_ms=None)
    call(tmp_path, "s", NOW + SECOND_US, tool="Read")
    logs, groups = SessionLogs(10_000), (SessionGroup((str(tmp_path / "s"),)),)
    running = logs.refreshed("s", groups, readable, NOW + HOUR_US).calls()
    assert [(logged.call.tool, logged.running) for logged in running] == [("Bash", True), ("Read", False)]
    for _ in range(2):
        ended = logs.refreshed("s", groups, readable, NOW + 25 * HOUR_US).calls()
        assert [(logged.call.tool, logged.running) for logged in ended] == [("Bash", False), ("Read", False)]
