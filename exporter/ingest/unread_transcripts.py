"""The transcripts with something new, from all directories of a refresh, before any of them is read."""

from __future__ import annotations

from functools import partial

from exporter.ingest.batch_filler import BatchFiller
from exporter.sources.files import LogFile
from exporter.sources.known_files import by_directory
from exporter.sources.positions import Position
from exporter.sources.transcript_files import transcripts
from exporter.sources.transcript_survey import Sessions, Survey, SurveyedFile


class UnreadTranscripts:
    """Collects the transcripts of directories, and decides on their sessions and projects before any is counted."""

    def __init__(self, writer: BatchFiller) -> None:
        self.files: list[SurveyedFile] = []
        self.positions: dict[LogFile, Position] = {}
        self._writer = writer
        self._survey = Survey(writer.transcript_sessions, writer.ledger.state.projects)
        # The files in a ledger of an older version were read before projects had labels; the oldest is still first.
        self._surveys_all = not writer.has_labels
        self._errors: dict[str, OSError | None] = {}

    def add(self, directory: str) -> None:
        """Add the transcripts in the directory of a project."""
        self._errors[directory] = None
        files = self._writer.readable(transcripts(directory, partial(self.note_error, directory, "")))
        unread: dict[LogFile, Position] = {}
        for parent, here in by_directory(self._writer.wanted(files, directory)).items():
            unread |= self._writer.unread(parent, here)
        self.positions |= unread
        surveyed = self._survey.add(directory, files if self._surveys_all else unread)
        self.files += [surveyed_file for surveyed_file in surveyed if surveyed_file.file in unread]

    def decide(self) -> Sessions:
        """Label the projects and decide on the sessions; what is new goes into the batch."""
        sessions = self._survey.sessions(self._writer.label_projects(self._survey.times()))
        self._writer.batch.transcript_sessions |= sessions.new
        return sessions

    def note_error(self, directory: str, path: str, error: OSError) -> None:
        """Note an error of reading in the directory of a project; only its first one is reported."""
        error.filename = path or error.filename
        self._errors[directory] = self._errors.get(directory) or error

    def report(self) -> None:
        """Report for each directory whether it could be read."""
        for directory, error in self._errors.items():
            self._writer.report(directory, error)
