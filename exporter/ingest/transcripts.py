"""Transcripts into the batch at hand: what is new in the directories of projects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache

from exporter.ingest.batch_writer import PAUSE_DIRECTORIES, Intake
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile
from exporter.sources.lines import Position
from exporter.sources.transcript_files import project_directories, transcripts
from exporter.sources.transcripts import read_transcript


class TranscriptIntake:
    """Reads the project directories of several roots, and those elsewhere that hook logs have named."""

    def __init__(self, roots: tuple[str, ...], intake: Intake, prices: PriceTable) -> None:
        self._roots = roots
        self._intake = intake
        self._prices = prices

    @property
    def watched(self) -> tuple[str, ...]:
        """Every directory that transcripts lie below."""
        return (*self._roots, *self._named())

    def read(self, changed: Iterable[str] | None) -> Iterator[int]:
        """Take in what is new in these directories, in all of them if none are named; yields as Meter.refresh does."""
        for number, directory in enumerate(self._project_directories(changed), start=1):
            try:
                yield from self._read(directory)
                self._intake.note_readable(directory)
            except OSError as error:
                self._intake.note_unreadable(directory, error)
            if number % PAUSE_DIRECTORIES == 0:
                yield 0

    def _read(self, directory: str) -> Iterator[int]:
        """Read all that can be read. Raises the first OSError behind it."""
        errors: list[OSError] = []
        by_directory: dict[str, list[LogFile]] = {}
        for file in transcripts(directory, errors.append):
            by_directory.setdefault(file.directory, []).append(file)
        for place, files in by_directory.items():
            for file, position in self._intake.unread(place, files).items():
                try:
                    yield from self._read_file(file, position, directory)
                except OSError as error:
                    error.filename = file.path
                    errors.append(error)
        if errors:
            raise errors[0]

    def _read_file(self, file: LogFile, position: Position, directory: str) -> Iterator[int]:
        intake = self._intake
        while read := read_transcript(file, position, directory):
            keys = {message.key for message in read.messages}
            intake.batch.take_transcript(file, read, self._prices, intake.ledger.counted_messages(keys))
            yield from intake.commit_full()
            if not read.more:
                break
            position = read.position

    def _project_directories(self, changed: Iterable[str] | None) -> Iterator[str]:
        """The project directories to look through; a directory that cannot be read is given too, so that it is told."""
        if changed is not None:
            yield from dict.fromkeys(filter(None, map(self._project_directory, changed)))
            return
        for root in self._roots:
            try:
                yield from list(project_directories(root))
                self._intake.note_readable(root)
            except OSError:
                yield root
        yield from self._named()

    def _project_directory(self, changed: str) -> str:
        """The project directory that a changed directory is, or lies in; empty where it lies in none."""
        for root in self._roots:
            if changed.startswith(f"{root}{os.sep}"):
                return f"{root}{os.sep}{changed[len(root) + 1 :].partition(os.sep)[0]}"
        return next((directory for directory in self._named() if f"{changed}/".startswith(f"{directory}/")), "")

    def _named(self) -> list[str]:
        return [
            directory
            for directory in sorted(self._intake.ledger.state.transcript_directories)
            if not _covered(directory, self._roots)
        ]


@cache
def _covered(directory: str, roots: tuple[str, ...]) -> bool:
    return any(os.path.dirname(path) in roots for path in (directory, os.path.realpath(directory)))  # noqa: PTH120
