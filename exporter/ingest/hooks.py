"""Hook logs into the batch: what is new in the directories of sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exporter.counting.rules import SessionCount
from exporter.ingest.batch_writer import PAUSE_DIRECTORIES, BatchWriter
from exporter.ingest.follow import SessionGroup, follow, session_groups
from exporter.ingest.helper_process import HelperProcess, Part


class HookIngest:
    """Reads the session directories of several roots."""

    def __init__(self, roots: tuple[str, ...], writer: BatchWriter) -> None:
        self._roots = roots
        self._writer = writer

    def read(self, directories: Iterable[str] | None) -> Iterator[int]:
        """Count what is new in these directories, in all of them if none are named; yields as Meter.refresh does."""
        before = self._writer.ledger.state.changes
        with HelperProcess() as helper:
            for number, group in enumerate(session_groups(self._roots, directories), start=1):
                if number % PAUSE_DIRECTORIES == 0:
                    yield 0
                # While this commits, the helper reads; with nothing to commit it is not even started.
                if self._writer.ledger.state.changes > before and helper.is_free and self._is_new(group):
                    helper.hand_over(group)
                else:
                    yield from self._follow(group)
                for part in helper.finished():
                    yield from self._merge(part)
            for rest in helper.rest():
                yield from self._merge(rest) if rest else (0,)

    def _is_new(self, group: SessionGroup) -> bool:
        """Whether nothing in the directories was ever read, or failed to be."""
        known, unreadable = self._writer.ledger.known_files, self._writer.unreadable
        return not any(directory in unreadable or known(directory) for directory in group.directories)

    def _merge(self, part: Part) -> Iterator[int]:
        """Add what the helper has read, where nothing was counted of its sessions in the meantime."""
        if all(self._writer.session(session_id).is_new for session_id in part.batch.sessions):
            self._writer.batch.merge(part.batch)
            yield from self._writer.commit_full()
        else:
            part.left.extend(part.read)
        for group in part.left:
            yield from self._follow(group)

    def _follow(self, group: SessionGroup) -> Iterator[int]:
        """Read a group to its end, yielding after each commit on the way."""
        writer, own = self._writer, OwnSession(group.session, self._writer)
        for read in follow(group, writer, writer.report, own.is_new):
            writer.batch.count_read(read, own.load)
            yield from writer.commit_full()


class OwnSession:
    """The session that a group is named after: loaded once per reading, and part of the batch only if counted."""

    def __init__(self, session_id: str, writer: BatchWriter) -> None:
        self._session_id = session_id
        self._writer = writer
        self._count: SessionCount | None = None

    def is_new(self) -> bool:
        """Whether nothing of it was ever counted."""
        self._count = self._writer.session(self._session_id)
        return self._count.is_new

    def load(self, session_id: str) -> SessionCount:
        """Any session, as it is after the batch."""
        if session_id == self._session_id and self._count:
            return self._count
        return self._writer.session(session_id)
