"""A batch: the results of reading files, before one transaction commits them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from exporter.counting.api_health import count_api_event
from exporter.counting.catalog import BYTES_READ, LINES, SESSIONS_STARTED
from exporter.counting.counted_events import CountedEvents
from exporter.counting.messages import CountedMessage
from exporter.counting.project_names import KnownProject
from exporter.counting.rules import Counted
from exporter.counting.session_count import SessionCount
from exporter.counting.spending import Spending
from exporter.model.cost_states import CostState
from exporter.model.records import LineResult
from exporter.model.sessions import TranscriptSession
from exporter.model.titles import Titles
from exporter.prices.table import PriceList, PriceTable
from exporter.sources.directory_reader import DirectoryRead
from exporter.sources.files import LogFile
from exporter.sources.known_files import KnownFile
from exporter.sources.named_transcripts import project_directory
from exporter.sources.positions import Position
from exporter.sources.projects import UNKNOWN_PROJECT
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE
from exporter.sources.transcripts import TranscriptRead


@dataclass(slots=True)
class Batch:
    """All changes of one transaction. `settled` has the keys of cost-states whose residuals are counted.

    `projects` and `transcript_sessions` have those about which more is known after it. `past_is_read` in the last batch
    of the past after an upgrade, `all_is_read` in the last of what was on disk at first. `malformed` has the files with
    malformed lines, by path.
    """

    counted: Counted = field(default_factory=Counted)
    sessions: dict[str, SessionCount] = field(default_factory=dict)
    read_files: list[KnownFile] = field(default_factory=list)
    new_files: set[tuple[str, str]] = field(default_factory=set)
    projects: dict[str, KnownProject] = field(default_factory=dict)
    transcript_sessions: dict[str, TranscriptSession] = field(default_factory=dict)
    bytes_read: int = 0
    cost_states: list[CostState] = field(default_factory=list)
    settled: set[int] = field(default_factory=set)
    parents: dict[str, str] = field(default_factory=dict)
    titles: Titles = field(default_factory=dict)
    versions: set[tuple[str, str]] = field(default_factory=set)
    prices: PriceList | None = None
    spending: Spending = field(init=False)
    events: CountedEvents = field(default_factory=CountedEvents)
    malformed: set[str] = field(default_factory=set)
    past_is_read: bool = False
    all_is_read: bool = False

    def __post_init__(self) -> None:
        self.spending = Spending(self.counted.increments)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (
            self.sessions or self.read_files or self.settled or self.spending.messages or self.projects
            or self.transcript_sessions or self.cost_states or self.parents or self.titles or self.versions
            or self.events.keys or self.past_is_read or self.all_is_read
        )  # fmt: skip

    @property
    def project_directories(self) -> set[str]:
        """The directories of transcripts that are named in hook logs."""
        return {directory for transcript in self.counted.transcripts if (directory := project_directory(transcript))}

    @property
    def read_names(self) -> set[tuple[str, str]]:
        """The directory and name of each file that was read."""
        return {(known.file.directory, known.file.name) for known in self.read_files}

    def session(self, session_id: str, load: Callable[[str], SessionCount]) -> SessionCount:
        """The state of a session in the batch; `load` is called for one that the batch does not have yet."""
        if session_id not in self.sessions:
            self.sessions[session_id] = load(session_id)
        return self.sessions[session_id]

    def count_read(self, read: DirectoryRead, load: Callable[[str], SessionCount]) -> None:
        """Count the new records of a session's files."""
        self.counted.count_read(read, lambda session_id: self.session(session_id, load))
        self.bytes_read += sum(read.bytes_read.values())
        self.malformed |= read.malformed

    def count_messages(
        self, file: LogFile, read: TranscriptRead, prices: PriceTable, known: Mapping[int, CountedMessage]
    ) -> None:
        """Count the new messages of a transcript; `known` are the ones among them that were counted before."""
        count_line, price, self.prices = self.spending.count_line, prices.cost, prices.list
        new = sum([count_line(message, price, known) for message in read.messages])
        of_messages = len(read.messages) + read.joined_lines
        relevant = of_messages + len(read.api_events) + read.used_lines
        results = {
            LineResult.COUNTED: new + read.used_lines,
            LineResult.DUPLICATE: of_messages - new,
            LineResult.MALFORMED: read.malformed,
            LineResult.IGNORED: read.lines - relevant - read.malformed,
        }
        for result, times in results.items():
            self.counted.increments.count(LINES, (TRANSCRIPT_SOURCE, result), times)
        self.counted.increments.count(BYTES_READ, (TRANSCRIPT_SOURCE,), read.bytes_read)
        self.cost_states += read.cost_states
        self.parents |= read.parents
        self.titles |= read.titles
        self.versions |= read.versions
        self.advance(file, read.position, more=read.more)
        self.bytes_read += read.bytes_read
        self.malformed |= {file.path} if read.malformed else set()

    def count_api_events(self, read: TranscriptRead, known: Collection[int]) -> None:
        """Count the failed requests and fallbacks of a transcript; `known` has the keys of those counted before."""
        increments = self.counted.increments
        for event in read.api_events:
            is_new = self.events.add(event.key, known)
            increments.count(LINES, (TRANSCRIPT_SOURCE, LineResult.COUNTED if is_new else LineResult.DUPLICATE))
            if is_new:
                count_api_event(event, increments)

    def count_calls(
        self,
        read: TranscriptRead,
        known: Mapping[int, CountedMessage],
        known_events: Collection[int],
        session_of: Callable[[str], SessionCount],
    ) -> None:
        """Count the calls and events of a transcript, whose messages have been counted."""
        counts = {session_id: session_of(session_id) for session_id in {record.session for record, *_ in read.records}}
        messages = self.spending.messages
        for number, (record, message_key, line_key, copied) in enumerate(read.records):
            count = counts[record.session]
            count.adopt_project(record.project)
            if line_key and (number < read.copied or not self.events.add(line_key, known_events)):
                continue
            message = (messages.get(message_key) or known.get(message_key)) if message_key else None
            is_copy = copied or (message is not None and message.origin.session != record.session)
            if is_copy or (message and message.moved and record.call_id):
                count.pairing.remember(record.call_id)  # a call that is counted in another session
            else:
                self.counted.count_transcript_record(count, record, read.written_us)
        for count in counts.values():
            self.counted.finish(count)

    def attribute_sessions(self, known: Mapping[str, KnownProject]) -> None:
        """Count new sessions under the labels of their projects; those of projects without one have to wait for it."""
        for path, first_us in self.counted.started:
            project = self.projects.get(path) or known.get(path) or KnownProject(path, "" if path else UNKNOWN_PROJECT)
            self.projects[path] = project.since(first_us, sessions=1)
        self.counted.started.clear()
        for path, project in self.projects.items():
            if project.label and project.unlabelled_sessions:
                self.counted.increments.count(SESSIONS_STARTED, (project.label,), project.unlabelled_sessions)
                self.projects[path] = replace(project, unlabelled_sessions=0)

    def advance(self, file: LogFile, position: Position, *, more: bool) -> None:
        """Record the position up to which a file was read; with `more`, some of its content may be left."""
        self.read_files.append(KnownFile.read_to(file, position, more=more))

    def discard_counts(self) -> None:
        """Discard what totals and positions would gain, and keep all else that was learned."""
        self.counted.discard()
        self.read_files.clear()
        self.new_files.clear()
        self.malformed.clear()

    def merge(self, other: Batch) -> None:
        """Add another batch that has no session or file in common with this one."""
        self.counted.merge(other.counted)
        self.sessions |= other.sessions
        self.read_files += other.read_files
        self.new_files |= other.new_files
        self.bytes_read += other.bytes_read
        self.malformed |= other.malformed
