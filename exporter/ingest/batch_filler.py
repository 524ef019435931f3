"""The batch that readers of files fill, on what a ledger has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from exporter.counting.batch import Batch
from exporter.counting.messages import CountedMessage
from exporter.counting.project_names import KnownProject, Times, new_labels
from exporter.counting.session_count import SessionCount
from exporter.ledger.failures import is_due_to_input
from exporter.ledger.reader import LedgerReader
from exporter.model.log import logger
from exporter.model.sessions import TranscriptSession
from exporter.model.text import printable
from exporter.prices.table import PriceTable
from exporter.sources.changed_files import changed_files
from exporter.sources.files import LogFile
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead

log = logger(__name__)
PAUSE_DIRECTORIES = 256  # a long walk yields to scrapes after this number


class BatchFiller:
    """The current batch with its file offsets, and the directories that cannot be read.

    `unreadable` has a sentence on the reason by directory; `reports` grows with every change of it. It
    `isolates_faults` while something cannot be counted: then every part is committed by itself, without the bad lines.
    Helper processes may read for it if it is `parallel`.
    """

    parallel = False

    def __init__(self, ledger: LedgerReader, clock: Callable[[], int]) -> None:
        self.ledger = ledger
        self.batch = Batch()
        self.unreadable: dict[str, str] = {}
        self.reports = 0
        self.isolates_faults = False
        self._clock = clock
        self._warned: set[str] = set()

    def session(self, session_id: str) -> SessionCount:
        """The state of a session including the current batch."""
        return self.batch.sessions.get(session_id) or self.ledger.load_session(session_id)

    def loaded_session(self, session_id: str) -> SessionCount:
        """The state of a session in the batch, loaded into it if necessary."""
        return self.batch.session(session_id, self.ledger.load_session)

    def transcript_sessions(self, session_ids: Iterable[str]) -> dict[str, TranscriptSession]:
        """Those of some sessions of transcripts that were decided before, by id."""
        known = self.batch.transcript_sessions
        decided = {session_id: known[session_id] for session_id in session_ids if session_id in known}
        return self.ledger.transcript_sessions(set(session_ids) - decided.keys()) | decided

    @property
    def has_labels(self) -> bool:
        """Whether any project has been given a label."""
        projects = self.ledger.state.projects | self.batch.projects
        return any(path and project.label for path, project in projects.items())

    def label_projects(self, times: Times = ()) -> dict[str, str]:
        """Give each project without a label one, the oldest first; the labels of all, by path."""
        projects = self.ledger.state.projects | self.batch.projects
        for path, time_us in times:
            projects[path] = projects.get(path, KnownProject(path)).since(time_us)
        labels = {path: project.label for path, project in projects.items() if project.label}
        unlabelled = [project for project in projects.values() if not project.label]
        new = new_labels(((project.path, project.first_us) for project in unlabelled), labels.values())
        self.batch.projects |= {path: replace(projects[path], label=label) for path, label in new.items()}
        return labels | new

    def readable(self, files: Iterable[LogFile]) -> list[LogFile]:
        """Those of some files that are to be read, each up to its size: all but when the past is read again."""
        return list(files)

    def wanted(self, files: list[LogFile], _directory: str) -> list[LogFile]:
        """Those of the transcripts of a project that are to be counted: all."""
        return files

    def unread(self, directory: str, files: Iterable[LogFile]) -> dict[LogFile, Position]:
        """The files of a directory that have changed since they were read, with the positions to resume at."""
        files = list(files)
        known = self.ledger.known_files(directory) if files else {}
        self.batch.new_files.update((directory, file.name) for file in files if file.name not in known)
        return changed_files(files, known)

    def messages_of(self, session_id: str) -> dict[int, CountedMessage]:
        """All counted messages of a session, by key."""
        return self.ledger.session_messages(session_id)

    def count_transcript(self, file: LogFile, read: TranscriptRead, prices: PriceTable) -> None:
        """Count what a part of a transcript reports."""
        known = self.ledger.counted_messages({message.key for message in read.messages})
        self.batch.count_messages(file, read, prices, known)
        known_events = self.ledger.counted_events(read.event_keys)
        self.batch.count_api_events(read, known_events)
        self.batch.count_calls(read, known, known_events, self.loaded_session)

    def advance(self, file: LogFile, position: Position, *, more: bool) -> None:
        """Record in the batch the position up to which a file was read."""
        self.batch.advance(file, position, more=more)

    def scratch(self) -> BatchFiller:
        """Another one with an empty batch, which is never committed."""
        return BatchFiller(self.ledger, self._clock)

    def drop(self) -> None:
        """Discard the batch after a failed commit; its lines are read again."""
        self.batch = Batch()

    def dry_run(self, batch: Batch) -> None:
        """Try whether a batch can be committed, where anything is committed. Raises what committing it raises."""

    def commit_if_full(self) -> Iterator[int]:
        """Commit the batch if it is large enough, where anything is committed."""
        yield from ()

    def count_each(self, session_ids: Iterable[str], count: Callable[[str], None]) -> Iterator[int]:
        """Count something of each of some sessions, committing like `commit_if_full`."""
        for session_id in session_ids:
            try:
                count(session_id)
                yield from self.commit_if_full()
            except Exception as error:  # whatever is wrong with a session, it holds up no other
                if not self.isolates_faults or not is_due_to_input(error):
                    raise
                self.drop()
                self._warn(f"Session {printable(session_id)} cannot be counted to its end ({printable(str(error))}).")

    def _warn(self, sentence: str) -> None:
        if sentence not in self._warned:
            log.warning(sentence)
        self._warned.add(sentence)

    def report(self, directory: str, error: OSError | None) -> None:
        """Note whether a directory can be read; each new reason is logged once."""
        if error is None:
            self.reports += self.unreadable.pop(directory, None) is not None
            return
        where = printable(str(error.filename or directory))
        remedy = "its permissions" if isinstance(error, PermissionError) else "that"
        sentence = f"{where} cannot be read ({error.strerror}); fix {remedy}, then it is read in full."
        if self.unreadable.get(directory) != sentence:
            log.warning(sentence)
            self.reports += 1
        self.unreadable[directory] = sentence
