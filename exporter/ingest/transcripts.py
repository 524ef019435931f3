"""Counts what is new in transcripts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from functools import cache
from io import BytesIO

from exporter.counting.batch import Batch
from exporter.ingest.bad_lines import BadLineSearch
from exporter.ingest.batch_filler import PAUSE_DIRECTORIES, BatchFiller
from exporter.ingest.transcript_helper import TranscriptHelper, UnreadFile
from exporter.ingest.unread_transcripts import UnreadTranscripts
from exporter.model.log import logger
from exporter.model.text import printable
from exporter.prices.table import PriceTable
from exporter.sources.lines import read_chunk
from exporter.sources.named_transcripts import MAX_NAMED_DIRECTORIES
from exporter.sources.positions import Position
from exporter.sources.transcript_authors import SessionOf
from exporter.sources.transcript_files import project_directories
from exporter.sources.transcript_survey import Sessions, SurveyedFile
from exporter.sources.transcripts import TranscriptRead, read_transcript

log = logger(__name__)


class TranscriptIngest:
    """Reads the project directories of several roots, and those elsewhere that hook logs name, into the batch."""

    def __init__(self, roots: tuple[str, ...], writer: BatchFiller, prices: PriceTable) -> None:
        self._roots = roots
        self._writer = writer
        self._prices = prices
        self._has_left_out = False

    @property
    def watched(self) -> tuple[str, ...]:
        """Every directory below which transcripts may appear."""
        return (*self._roots, *self._named())

    def ingest(self, changed: Iterable[str] | None, settle_before_us: int = 0) -> Iterator[int]:
        """Count what is new in these directories, in all if None; yields like Meter.refresh.

        Calls with a result before a time are settled at once, which saves storing most of them as open.
        """
        unread = UnreadTranscripts(self._writer)
        for number, directory in enumerate(self._project_directories(changed), start=1):
            unread.add(directory)
            if number % PAUSE_DIRECTORIES == 0:
                yield 0
        sessions = unread.decide()
        files = [
            UnreadFile(surveyed, unread.positions[surveyed.file], sessions.of_lines(surveyed)(surveyed.session_id))
            for surveyed in sessions.in_order(unread.files)
        ]
        left = Counter(file.surveyed.session_id for file in files)
        with TranscriptHelper(files if self._writer.parallel and not self._writer.isolates_faults else ()) as helper:
            for file in files:
                yield from _read_ahead(file, helper)
                try:
                    yield from self._count(file, helper.reads(file) or self._reads(file, sessions))
                except OSError as error:
                    unread.note_error(file.surveyed.directory, file.surveyed.file.path, error)
                left[file.surveyed.session_id] -= 1
                if not left[file.surveyed.session_id]:
                    self._settle_results(file.surveyed.session_id, settle_before_us)
        unread.report()

    def _count(self, file: UnreadFile, reads: Iterable[TranscriptRead]) -> Iterator[int]:
        for read in reads:
            self._writer.count_transcript(file.surveyed.file, read, self._prices)
            yield from self._writer.commit_if_full()

    def _settle_results(self, session_id: str, before_us: int) -> None:
        """Settle the calls of a session whose transcripts are read, unless it has just been committed."""
        batch = self._writer.batch
        if session_id in batch.sessions and not self._writer.isolates_faults:
            batch.counted.settle_results(batch.sessions[session_id], before_us)

    def _reads(self, file: UnreadFile, sessions: Sessions) -> Iterator[TranscriptRead]:
        """Read a file to its end, a part at a time."""
        surveyed, position, _ = file
        session_of = sessions.of_lines(surveyed)
        while read := self._read_part(surveyed, position, session_of):
            yield read
            if not read.more:
                break
            position = read.position

    def _read_part(self, surveyed: SurveyedFile, position: Position, session_of: SessionOf) -> TranscriptRead | None:
        """Read what is next in a file, without bad lines if the writer isolates faults."""
        file, directory, chunk = surveyed.file, surveyed.directory, None
        if not self._writer.isolates_faults or not (chunk := read_chunk(file, position, small=True)):
            return read_transcript(file, position, directory, session_of)

        def count(left_out: Set[bytes]) -> Batch:
            writer = self._writer.scratch()
            read = read_transcript(file, position, directory, session_of, left_out=left_out)
            if read:
                writer.count_transcript(file, read, self._prices)
            return writer.batch

        left_out = BadLineSearch(self._writer.dry_run).find_bad_lines({file.path: list(BytesIO(chunk.data))}, count)
        return read_transcript(file, position, directory, session_of, left_out=left_out)

    def _project_directories(self, changed: Iterable[str] | None) -> Iterator[str]:
        """The project directories to read, including roots that cannot be listed, so that reading them reports that."""
        if changed is not None:
            yield from dict.fromkeys(filter(None, map(self._project_directory, changed)))
            return
        for root in self._roots:
            try:
                yield from list(project_directories(root))
                self._writer.report(root, None)
            except OSError:
                yield root
        yield from self._named()

    def _project_directory(self, changed: str) -> str:
        """The project directory that contains a changed directory; empty if there is none."""
        for root in self._roots:
            if changed.startswith(f"{root}{os.sep}"):
                return f"{root}{os.sep}{changed[len(root) + 1 :].partition(os.sep)[0]}"
        return next((directory for directory in self._named() if f"{changed}/".startswith(f"{directory}/")), "")

    def _named(self) -> list[str]:
        """The directories that hooks name and no root contains, up to a number of them."""
        directories = sorted(self._writer.ledger.state.transcript_directories)
        named = [directory for directory in directories if not _covered(directory, self._roots)]
        if len(named) > MAX_NAMED_DIRECTORIES and not self._has_left_out:
            log.warning(
                "Hooks name transcripts in %d directories, %s and others are left out; choose what contains them with"
                " --transcripts-dir.",
                len(named), printable(named[MAX_NAMED_DIRECTORIES]),
            )  # fmt: skip
            self._has_left_out = True
        return named[:MAX_NAMED_DIRECTORIES]


def _read_ahead(file: UnreadFile, helper: TranscriptHelper) -> Iterator[int]:
    """Have the helper read the files after this one, and read some here while this one is not ready; yields 0 then."""
    helper.hand_over_after(file)
    while helper.is_reading(file):
        helper.read_another()
        yield 0


@cache
def _covered(directory: str, roots: tuple[str, ...]) -> bool:
    return any(os.path.dirname(path) in roots for path in (directory, os.path.realpath(directory)))  # noqa: PTH120
