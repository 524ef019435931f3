"""Reads the past again after an upgrade from a version that learned less from it, without counting it.

Transcripts that are read have calls, prompts, failed requests and so on that the older version did not count. They
happened before, so counters must not grow by them. But what continues from there has to be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial

from msgspec.structs import replace

from exporter.ingest.batch_writer import BatchWriter
from exporter.ingest.residuals import count_residuals
from exporter.ingest.transcripts import TranscriptIngest
from exporter.ledger.store import Ledger
from exporter.model.sessions import SETTLE_US, WINDOW_US
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.lines import continues
from exporter.sources.positions import Position


class PastWriter(BatchWriter):
    """Reads every file again as far as it was read before, and adds nothing to totals.

    `session_ids` are the sessions of all batches.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], int]) -> None:
        super().__init__(ledger, clock)
        self.session_ids: set[str] = set()

    def readable(self, files: Iterable[LogFile]) -> list[LogFile]:
        """Those of some files that were read before and have not been replaced since, as long as they were then."""
        return as_read_before(files, self.ledger.known_files)

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """All files, from their start."""
        return {file: Position() for file in files if file.directory == directory}

    def commit(self) -> Iterator[int]:
        """Commit the batch without what it would count."""
        self.session_ids |= self.batch.sessions.keys()
        self.batch.discard_counts()
        yield from super().commit()


class PastIngest:
    """Reads the past of the project directories of several roots, once after an upgrade."""

    def __init__(self, roots: tuple[str, ...], ledger: Ledger, clock: Callable[[], int], prices: PriceTable) -> None:
        self._roots = roots
        self._ledger = ledger
        self._clock = clock
        self._prices = prices

    def ingest(self, *, isolates_faults: bool = False) -> Iterator[int]:
        """Read the past if it is unread; yields like Meter.refresh. If it is interrupted, it is read from the start."""
        if not self._ledger.state.past_is_unread:
            return
        writer = PastWriter(self._ledger, self._clock)
        writer.isolates_faults = isolates_faults
        yield from TranscriptIngest(self._roots, writer, self._prices).ingest(None)
        yield from writer.commit()
        yield from count_residuals(writer, self._prices, self._clock())
        yield from writer.commit()
        leave_out = partial(self._leave_out, writer)
        yield from writer.count_each(sorted(writer.session_ids), leave_out)
        writer.batch.past_is_read = True
        yield from writer.commit()

    def _leave_out(self, writer: BatchWriter, session_id: str) -> None:
        """End what has ended in the past, so that it is not counted later; what hooks report still counts."""
        now_us, count = self._clock(), writer.loaded_session(session_id)
        session, pairing = count.session, count.pairing
        pairing.settle_reported(now_us - SETTLE_US)
        expired = count.open_calls_before(now_us - WINDOW_US)
        pairing.expire({key for key in expired if not pairing.open[key].hooked})
        if session.last_us < now_us - WINDOW_US:
            pairing.runs.expire(pairing)
        if session.last_us < now_us - (SETTLE_US if session.transcript_ended else WINDOW_US):
            session.end_transcript_run()
        session.tallies.clear()
        session.awaits_project = False
        writer.batch.counted.finish(count)


def as_read_before(files: Iterable[LogFile], known_files: Callable[[str], Mapping[str, KnownFile]]) -> list[LogFile]:
    """Those of some files that were read before and still have that content, each up to where it was read.

    `known_files` returns the files of a directory as they were read, by name.
    """
    known = cache(known_files)
    found = (_as_read_before(file, known(file.directory).get(file.name)) for file in files)
    return [file for file in found if file]


def _as_read_before(file: LogFile, read: KnownFile | None) -> LogFile | None:
    with suppress(OSError):
        if read and read.position.offset <= file.size and continues(file, read.position):
            return replace(file, size=read.position.offset)
    return None
