"""Counts the new records of hook logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress

from exporter.counting.batch import Batch
from exporter.counting.session_count import SessionCount
from exporter.ingest.bad_lines import BadLineSearch
from exporter.ingest.batch_filler import PAUSE_DIRECTORIES, BatchFiller
from exporter.ingest.follow import SessionGroup, follow, session_groups
from exporter.ingest.hook_helper import HookHelper, Part
from exporter.sources.directory_reader import read_directory
from exporter.sources.files import LogFile
from exporter.sources.lines import read_chunk
from exporter.sources.positions import Position


class HookIngest:
    """Reads the session directories of several roots into the batch."""

    def __init__(self, roots: tuple[str, ...], writer: BatchFiller) -> None:
        self._roots = roots
        self._writer = writer

    def ingest(self, directories: Iterable[str] | None) -> Iterator[int]:
        """Count what is new in these directories, in all if None; yields like Meter.refresh."""
        before = self._writer.ledger.state.changes
        with HookHelper() as helper:
            for number, group in enumerate(session_groups(self._roots, directories), start=1):
                if number % PAUSE_DIRECTORIES == 0:
                    yield 0
                # The helper reads while this process commits; it is not started before the first commit.
                if self._writer.ledger.state.changes > before and self._is_for(helper, group):
                    helper.hand_over(group)
                else:
                    yield from self._follow(group)
                for part in helper.finished():
                    yield from self._merge(part)
            for remaining in helper.remaining():
                yield from self._merge(remaining) if remaining else (0,)

    def _is_for(self, helper: HookHelper, group: SessionGroup) -> bool:
        """Whether the helper is free and no file in the directories was ever read or could not be read."""
        known, unreadable = self._writer.ledger.known_files, self._writer.unreadable
        return (
            helper.is_free
            and self._writer.parallel
            and not self._writer.isolates_faults
            and not any(directory in unreadable or known(directory) for directory in group.directories)
        )

    def _merge(self, part: Part) -> Iterator[int]:
        """Add the results of the helper; if one of its sessions has been counted since, read all again instead."""
        if all(self._writer.session(session_id).is_new for session_id in part.batch.sessions):
            self._writer.batch.merge(part.batch)
            yield from self._writer.commit_if_full()
        else:
            part.left.extend(part.read)
        for group in part.left:
            yield from self._follow(group)

    def _follow(self, group: SessionGroup) -> Iterator[int]:
        """Read a group to its end, yielding after each commit."""
        writer, own = self._writer, OwnSession(group.session, self._writer)
        reads = (
            follow(group, writer, writer.report, leave_out=self._bad_lines)
            if writer.isolates_faults
            else follow(group, writer, writer.report, own.is_new)
        )
        for read in reads:
            writer.batch.count_read(read, writer.session if writer.isolates_faults else own.load)
            yield from writer.commit_if_full()

    def _bad_lines(self, files: Mapping[LogFile, Position], session: str) -> Set[bytes]:
        """The lines that cannot be counted in what is read next of some files."""
        ledger = self._writer.ledger

        def count(left_out: Set[bytes]) -> Batch:
            batch = Batch()
            batch.count_read(read_directory(files, session, left_out=left_out), ledger.load_session)
            return batch

        lines = {file.path: _next_lines(file, files[file]) for file in files}
        return BadLineSearch(self._writer.dry_run).find_bad_lines(lines, count)


def _next_lines(file: LogFile, position: Position) -> list[bytes]:
    """The lines that are read next of a file; none if it cannot be read, which is reported when that is tried again."""
    with suppress(OSError):
        chunk = read_chunk(file, position, small=True)
        return chunk.lines() if chunk else []
    return []


class OwnSession:
    """The session that a group is named after: loaded once per part, and added to the batch only if it is counted."""

    def __init__(self, session_id: str, writer: BatchFiller) -> None:
        self._session_id = session_id
        self._writer = writer
        self._count: SessionCount | None = None

    def is_new(self) -> bool:
        """Load the session; whether it was never counted."""
        self._count = self._writer.session(self._session_id)
        return self._count.is_new

    def load(self, session_id: str) -> SessionCount:
        """The state of any session including the current batch."""
        if session_id == self._session_id and self._count:
            return self._count
        return self._writer.session(session_id)
