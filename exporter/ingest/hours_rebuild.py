"""Finds the hours of calls that an older version has counted without them, in the background.

All files are read again into another ledger, by the same rules, each as far as it was read when that began. Once all of
it is read, one transaction takes over what was missing: a kill before it changes nothing, and all is read again.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from exporter.ingest.batch_writer import BatchWriter
from exporter.ingest.meter import Meter
from exporter.ingest.past import as_read_before
from exporter.ledger.file_names import FILE_NAME
from exporter.ledger.hours_rebuild import RereadTooFarError
from exporter.ledger.opening import open_ledger
from exporter.model.log import logger
from exporter.sources.files import LogFile
from exporter.sources.positions import Position

log = logger(__name__)
DIRECTORY = "rebuild"
MAX_ATTEMPTS = 3  # a file that is rewritten as a whole all the time cannot be read as it was


class RereadWriter(BatchWriter):
    """Reads every file as far as another ledger had read it, in small steps."""

    parallel = False

    def readable(self, files: Iterable[LogFile]) -> list[LogFile]:
        """Those of some files that were read before and have not been replaced since, as long as they were then."""
        return as_read_before(files, self._committed.files_before)

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files of a directory that are not read to where they were, with the positions to resume at."""
        return super().unread(directory, self.readable(files))

    def commit_if_full(self) -> Iterator[int]:
        """Commit the batch if it is large enough, and pause after each part of a file."""
        yield from super().commit_if_full()
        yield 0


class RereadMeter(Meter):
    """Counts in another ledger what a meter had counted at a moment."""

    def new_writer(self) -> BatchWriter:
        """A writer that reads no further than the meter had read."""
        return RereadWriter(self.ledger, self.clock)


class HoursRebuild:
    """Completes the ledger of a meter, a step at a time; there is nothing to do for a ledger that has all hours."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        path = meter.ledger.file_path
        self._directory = path.with_name(DIRECTORY) if path else None
        self._steps: Generator[int] = self._complete()
        self._has_ended = False

    def step(self) -> bool:
        """Do a part of it, while everything that the meter reads is counted; whether more is left."""
        if not self._has_ended:
            self._has_ended = next(self._steps, None) is None
        return not self._has_ended

    def close(self) -> None:
        """Give up; another process starts over."""
        self._steps.close()
        self._has_ended = True

    def _complete(self) -> Generator[int]:
        directory, state = self._directory, self._meter.ledger.state
        if directory is None:
            return
        try:
            shutil.rmtree(directory, ignore_errors=True)  # a process that was killed may have left it
            for _ in range(MAX_ATTEMPTS if state.hours_are_unread else 0):
                try:
                    yield from self._attempt(directory)
                    return
                except RereadTooFarError:
                    continue
        except Exception as error:  # the figures by hour are missing, and everything else is counted as before
            log.debug("The hours of calls could not be found.", exc_info=True)
            log.warning(
                "The hours of earlier calls could not be read again (%s); that is tried again after a restart.", error
            )
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _attempt(self, directory: Path) -> Iterator[int]:
        ledger, meter, path = self._meter.ledger, self._meter, directory / FILE_NAME
        created_seconds, counted_us = ledger.state.created_seconds, meter.counted_us
        with open_ledger(directory, label_limit=0) as rebuilt:
            ledger.write_baseline(path)
            reader = RereadMeter(
                meter.roots, rebuilt, lambda: counted_us, transcript_roots=meter.transcript_roots, prices=meter.prices
            )
            yield from reader.refresh()
        if ledger.state.hours_are_unread and ledger.state.created_seconds == created_seconds:
            ledger.add_missing_hours(path)
