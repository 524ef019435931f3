"""Transcripts into the batch at hand: what is new in the folders of projects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache

from exporter.ingest.batch_writer import PAUSE_FOLDERS, Intake
from exporter.prices.table import PriceTable
from exporter.sources.files import LogFile
from exporter.sources.lines import Position
from exporter.sources.transcript_files import project_folders, transcripts
from exporter.sources.transcripts import read_transcript


class TranscriptIntake:
    """Reads the project folders of several roots, and those elsewhere that hook logs have named."""

    def __init__(self, roots: tuple[str, ...], intake: Intake, prices: PriceTable) -> None:
        self._roots = roots
        self._intake = intake
        self._prices = prices

    @property
    def watched(self) -> tuple[str, ...]:
        """Every folder that transcripts lie below."""
        return (*self._roots, *self._named())

    def read(self, changed: Iterable[str] | None) -> Iterator[int]:
        """Take in what is new in these folders, in all of them if none are named; yields as Meter.refresh does."""
        for number, folder in enumerate(self._project_folders(changed), start=1):
            try:
                yield from self._read(folder)
                self._intake.note_readable(folder)
            except OSError as error:
                self._intake.note_unreadable(folder, error)
            if number % PAUSE_FOLDERS == 0:
                yield 0

    def _read(self, folder: str) -> Iterator[int]:
        """Read all that can be read. Raises the first OSError behind it."""
        errors: list[OSError] = []
        by_folder: dict[str, list[LogFile]] = {}
        for file in transcripts(folder, errors.append):
            by_folder.setdefault(file.folder, []).append(file)
        for place, files in by_folder.items():
            for file, position in self._intake.unread(place, files).items():
                try:
                    yield from self._read_file(file, position, folder)
                except OSError as error:
                    error.filename = file.path
                    errors.append(error)
        if errors:
            raise errors[0]

    def _read_file(self, file: LogFile, position: Position, folder: str) -> Iterator[int]:
        intake = self._intake
        while read := read_transcript(file, position, folder):
            keys = {message.key for message in read.messages}
            intake.batch.take_transcript(file, read, self._prices, intake.ledger.messages(keys))
            yield from intake.commit_full()
            if not read.more:
                break
            position = read.position

    def _project_folders(self, changed: Iterable[str] | None) -> Iterator[str]:
        """The project folders to look through; a folder that cannot be read is given too, so that it is told."""
        if changed is not None:
            yield from dict.fromkeys(filter(None, map(self._project_folder, changed)))
            return
        for root in self._roots:
            try:
                yield from list(project_folders(root))
                self._intake.note_readable(root)
            except OSError:
                yield root
        yield from self._named()

    def _project_folder(self, changed: str) -> str:
        """The project folder that a changed folder is, or lies in; empty where it lies in none."""
        for root in self._roots:
            if changed.startswith(f"{root}{os.sep}"):
                return f"{root}{os.sep}{changed[len(root) + 1 :].partition(os.sep)[0]}"
        return next((folder for folder in self._named() if f"{changed}/".startswith(f"{folder}/")), "")

    def _named(self) -> list[str]:
        return [
            folder for folder in sorted(self._intake.ledger.transcript_folders) if not _covered(folder, self._roots)
        ]


@cache
def _covered(folder: str, roots: tuple[str, ...]) -> bool:
    return any(os.path.dirname(path) in roots for path in (folder, os.path.realpath(folder)))  # noqa: PTH120
