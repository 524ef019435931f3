"""The helper process for hook logs: it reads and counts the directories of sessions that were never read before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from exporter.counting.batch import Batch
from exporter.counting.session_count import SessionCount
from exporter.ingest.follow import SessionGroup, follow
from exporter.ingest.helper_process import POLL_SECONDS, HelperProcess
from exporter.sources.files import LogFile
from exporter.sources.positions import Position

GROUPS_PER_MESSAGE = 8
MAX_WAITING = 12  # so that it has enough to read while the meter commits


class Part(NamedTuple):
    """The groups that the helper has read with their results, and those that it left to the meter."""

    read: list[SessionGroup]
    batch: Batch
    left: list[SessionGroup]


class HookHelper(HelperProcess[list[SessionGroup], Part]):
    """Reads groups, several at a time."""

    def __init__(self) -> None:
        super().__init__(read_new, MAX_WAITING)
        self._groups: list[SessionGroup] = []

    def __enter__(self) -> HookHelper:
        return self

    def hand_over(self, group: SessionGroup) -> None:
        """Have a group read; `finished` or `remaining` yields the result."""
        self._groups.append(group)
        if len(self._groups) == GROUPS_PER_MESSAGE:
            self._send_groups()

    def finished(self) -> Iterator[Part]:
        """The parts that are ready now."""
        while self._waiting and self.is_ready():
            yield self._receive_part()

    def remaining(self) -> Iterator[Part | None]:
        """All outstanding parts; yields None every POLL_SECONDS while waiting for one."""
        if self._groups:
            self._send_groups()
        while self._waiting:
            yield self._receive_part() if self.is_ready(POLL_SECONDS) else None

    def _send_groups(self) -> None:
        groups, self._groups = self._groups, []
        self.send(groups)

    def _receive_part(self) -> Part:
        groups, part = self.receive()
        return part or Part([], Batch(), groups)


def read_new(groups: list[SessionGroup]) -> Part:
    """Read and count groups that were never counted before."""
    part = Part([], Batch(), [])
    for group in groups:
        try:
            batch = _read_group(group)
        except Exception:  # the meter runs into the same error, and reports it or leaves a line out
            batch = None
        if batch is None:
            part.left.append(group)
        else:
            part.read.append(group)
            part.batch.merge(batch)
    return part


def _read_group(group: SessionGroup) -> Batch | None:
    """Count a group; None if it also has lines of other sessions."""
    batch, count = Batch(), SessionCount.new(group.session)
    for read in follow(group, NewFiles(batch), _raise, lambda: count.is_new):
        if any(timed.record.session != group.session for timed in read.records):
            return None
        batch.count_read(read, lambda _: count)
    return batch


class NewFiles:
    """The offsets of files that were never read before, kept in a batch."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.advance = batch.advance

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """All files, to be read from their start."""
        new = dict.fromkeys(files, Position())
        self._batch.new_files.update((directory, file.name) for file in new)
        return new


def _raise(_directory: str, error: OSError | None) -> None:
    if error:
        raise error
