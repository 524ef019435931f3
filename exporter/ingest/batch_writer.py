"""The only writer of the ledger: readers fill its batch, which is committed once it is large enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

from exporter.counting.batch import Batch
from exporter.ingest.batch_filler import BatchFiller
from exporter.ledger.store import Ledger
from exporter.model.log import logger
from exporter.model.text import listed, printable

log = logger(__name__)
BATCH_BYTES = 16 << 20
BATCH_SESSIONS = 400
MAX_NAMED = 5


class BatchWriter(BatchFiller):
    """The current batch, and the ledger that it is committed to."""

    parallel = True

    def __init__(self, ledger: Ledger, clock: Callable[[], int]) -> None:
        super().__init__(ledger, clock)
        self._committed = ledger
        self._malformed: set[str] = set()  # the files that were named in the log

    def dry_run(self, batch: Batch) -> None:
        """Write a batch, and roll it back. Raises what committing it raises."""
        batch.attribute_sessions(self.ledger.state.projects)
        self._committed.dry_run(batch)

    def commit(self) -> Iterator[int]:
        """Commit the batch and yield the number of bytes read for it, unless it is empty."""
        batch, self.batch = self.batch, Batch()
        if not batch.is_empty:
            batch.attribute_sessions(self.ledger.state.projects)
            self._committed.commit(batch, self._clock())
            self.batch.new_files |= batch.new_files - batch.read_names
            self._report_malformed(batch.malformed)
            yield batch.bytes_read

    def commit_if_full(self) -> Iterator[int]:
        """Commit the batch if it is large enough."""
        if self.isolates_faults or self.batch.bytes_read >= BATCH_BYTES or len(self.batch.sessions) >= BATCH_SESSIONS:
            yield from self.commit()

    def _report_malformed(self, paths: Set[str]) -> None:
        """Name in the log the files with malformed lines, each once, and of many at once only the first."""
        new = sorted(paths - self._malformed)
        self._malformed.update(new)
        if new:
            others = f" and {len(new) - MAX_NAMED:,} other files" if len(new) > MAX_NAMED else ""
            named = printable(listed(new[:MAX_NAMED])) + others
            log.warning("Malformed lines in %s; all other lines are counted.", named)
