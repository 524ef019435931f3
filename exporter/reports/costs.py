"""The messages of the cost report: from the ledger and from what is not in it yet, each counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec

from exporter.counting.not_itemized import not_itemized
from exporter.counting.processes import Lineage
from exporter.counting.project_names import Times, new_labels
from exporter.counting.spending import CountedMessage, as_message, changes, joined, merged
from exporter.ingest.fork import halves, in_parallel
from exporter.ledger.reader import LedgerReader
from exporter.model.api_health import ApiEvent
from exporter.model.records import ApiMessage
from exporter.prices.table import PriceTable
from exporter.sources.cost_states import CostState
from exporter.sources.files import LogFile
from exporter.sources.known_files import changed_files
from exporter.sources.lines import Position
from exporter.sources.titles import TitleKind, Titles
from exporter.sources.transcript_files import project_directories, session_name, transcripts
from exporter.sources.transcript_survey import Sessions, Survey, SurveyedFile
from exporter.sources.transcripts import Wanted, read_transcript

MAX_CLOCK_SKEW_US = 24 * 3600 * 1_000_000  # clocks differ, so a line may be newer than its file
# A second process saves time from this size on.
PARALLEL_BYTES = 16 << 20
Track = Callable[[list[SurveyedFile]], Iterable[SurveyedFile]]  # shows progress


class PartialResult(msgspec.Struct, array_like=True, gc=False):
    """What a second process has read."""

    messages: list[CountedMessage]
    api_events: list[ApiEvent]
    cost_states: list[CostState]
    parents: dict[str, str]
    titles: list[tuple[str, TitleKind, str]]
    versions: list[tuple[str, str]]
    unreadable: dict[str, str]


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(PartialResult)


@dataclass(slots=True)
class Messages:
    """The messages and API events of transcripts, each once, and what is not itemized in them.

    `unreadable` has the reason for each path that could not be read, `labels` the label of each project by its path.
    `titles` and `versions` are what the lines that were read have on their sessions.
    """

    prices: PriceTable
    since_us: int = 0
    parallel_bytes: int = PARALLEL_BYTES
    unreadable: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    titles: Titles = field(default_factory=dict)
    versions: set[tuple[str, str]] = field(default_factory=set)
    _sessions: Sessions = field(default_factory=Sessions)
    _counted: dict[int, CountedMessage] = field(default_factory=dict)
    _api_events: dict[int, ApiEvent] = field(default_factory=dict)
    _cost_states: list[CostState] = field(default_factory=list)
    _parents: dict[str, str] = field(default_factory=dict)
    _ledger: LedgerReader | None = None
    _rereads: bool = False

    def start_from(
        self, ledger: LedgerReader, sessions_elsewhere: Set[str] = frozenset(), *, rereads: bool = False
    ) -> None:
        """Start from what a ledger has, without some sessions.

        Files are read from where its exporter has stopped; from their start if that is requested, as it does not have
        API events.
        Messages keep the costs with which they were counted; those without one are priced now.
        """
        self._ledger, self._rereads = ledger, rereads
        messages, states = ledger.messages_since(self.since_us), ledger.cost_states_since(self.since_us)
        self._counted = {
            key: message if message.cost else self._priced(message)
            for key, message in messages.items()
            if message.origin.session not in sessions_elsewhere
        }
        self._cost_states = [state for state in states if state.session not in sessions_elsewhere]
        self._parents = ledger.all_parents()
        self.labels = ledger.labels()

    def read_projects(self, directories: Iterable[str], track: Track = iter, times: Times = ()) -> None:
        """Add the messages in the directories of projects; `times` are those of projects in other logs."""
        survey = Survey(self._ledger.transcript_sessions, self.labels) if self._ledger else Survey()
        unread: dict[SurveyedFile, Position] = {}
        for directory in directories:
            unread |= self._surveyed(directory, survey)
        new = [(path, time_us) for path, time_us in (*survey.times(), *times) if path not in self.labels]
        self.labels |= new_labels(new, self.labels.values())
        self._sessions = survey.sessions(self.labels)
        self._read_in_parallel({file: unread[file] for file in self._sessions.in_order(unread)}, track)

    def _surveyed(self, directory: str, survey: Survey) -> dict[SurveyedFile, Position]:
        """The unread transcripts of a project. Without a ledger, labels depend on those of all times."""
        files = list(transcripts(directory, partial(self._note_unreadable, directory)))
        unread = self._unread(of_sessions_since(self.since_us, files, directory), directory)
        surveyed = survey.add(directory, unread if self._ledger else files)
        return {file: unread[file.file] for file in surveyed if file.file in unread}

    def _read_in_parallel(self, unread: Mapping[SurveyedFile, Position], track: Track) -> None:
        """Add the messages of files; if they are large, a second process reads half of them if possible."""
        first, second = halves(list(unread))
        if not second or sum(surveyed.file.size for surveyed in unread) < self.parallel_bytes:
            self._read_files(track(list(unread)), unread)
            return
        result = in_parallel(partial(self._read_partial_result, second, unread))
        self._read_files(track(first), unread)
        partial_result = result()
        if partial_result is None:
            self._read_files(second, unread)
        else:
            self._join(partial_result)

    def all(self) -> Iterator[CountedMessage]:
        """All messages since `since_us`, and what is not itemized since then, in the form of messages."""
        found = self._counted | {message.key: message for message in self._not_itemized()}
        return (message for message in found.values() if message.time_us >= self.since_us)

    def _unread(self, files: list[LogFile], directory: str) -> dict[LogFile, Position]:
        """The files that the ledger has not read to their end, with the positions to start at."""
        if self._ledger is None or self._rereads:
            return dict.fromkeys(files, Position())
        unread: dict[LogFile, Position] = {}
        for place in dict.fromkeys(file.directory for file in files):
            here = [file for file in files if file.directory == place]
            try:
                unread |= changed_files(here, self._ledger.known_files(place))
            except OSError as error:
                self._note_unreadable(directory, error)
        return unread

    def _priced(self, message: CountedMessage) -> CountedMessage:
        return msgspec.structs.replace(message, cost=self.prices.cost(as_message(message)))

    def _not_itemized(self) -> Iterator[CountedMessage]:
        by_start: dict[int, list[CostState]] = {}
        messages: dict[str, dict[int, CountedMessage]] = {state.session: {} for state in self._cost_states}
        for state in self._cost_states:
            by_start.setdefault(state.started_us, []).append(state)
        for key, message in self._counted.items():
            if message.origin.session in messages:
                messages[message.origin.session][key] = message
        for states in by_start.values():
            lineage = Lineage.of(states, self._parents)
            for session in lineage.states:
                growths, _ = not_itemized(lineage, session, messages[session], self.prices.cost)
                yield from (growth.after for growth in growths)

    def api_events(self) -> Iterator[ApiEvent]:
        """All API events since `since_us`."""
        return (event for event in self._api_events.values() if event.time_us >= self.since_us)

    def _read_partial_result(self, files: list[SurveyedFile], positions: Mapping[SurveyedFile, Position]) -> bytes:
        """The encoded PartialResult of these files alone."""
        separate = replace(
            self, unreadable={}, titles={}, versions=set(), _counted={}, _api_events={}, _cost_states=[], _parents={}
        )
        separate._read_files(files, positions)
        messages, events = list(separate._counted.values()), list(separate._api_events.values())
        titles = [(session, kind, title) for (session, kind), title in separate.titles.items()]
        return ENCODER.encode(
            PartialResult(
                messages, events, separate._cost_states, separate._parents, titles, list(separate.versions),
                separate.unreadable,
            )
        )  # fmt: skip

    def _join(self, partial_result: bytes) -> None:
        """Add what a second process has read."""
        other = DECODER.decode(partial_result)
        self.unreadable |= other.unreadable
        self._cost_states += other.cost_states
        self._parents |= other.parents
        self.titles |= {(session, kind): title for session, kind, title in other.titles}
        self.versions.update(other.versions)
        for message in other.messages:
            before = self._counted.get(message.key)
            self._counted[message.key] = joined(before, message, self.prices.cost) if before else message
        self._add_api_events(other.api_events)

    def _read_files(self, files: Iterable[SurveyedFile], positions: Mapping[SurveyedFile, Position]) -> None:
        for surveyed in files:
            try:
                self._read_file(surveyed, positions[surveyed])
            except OSError as error:
                self._note_unreadable(surveyed.file.path, error)

    def _read_file(self, surveyed: SurveyedFile, position: Position) -> None:
        session_of = self._sessions.of_lines(surveyed)
        while read := read_transcript(surveyed.file, position, surveyed.directory, session_of, Wanted.COSTS):
            for message in read.messages:
                self._count_line(message)
            self._add_api_events(read.api_events)
            self._cost_states += read.cost_states
            self._parents |= read.parents
            self.titles |= read.titles
            self.versions |= read.versions
            if not read.more:
                break
            position = read.position

    def _add_api_events(self, events: Iterable[ApiEvent]) -> None:
        for event in events:
            self._api_events.setdefault(event.key, event)

    def _note_unreadable(self, path: str, error: OSError) -> None:
        self.unreadable[error.filename or path] = error.strerror or ""

    def _count_line(self, message: ApiMessage) -> None:
        before = self._counted.get(message.key)
        if before is None or changes(message, before):
            self._counted[message.key] = merged(message, self.prices.cost, before)


def of_sessions_since(since_us: int, files: list[LogFile], directory: str) -> list[LogFile]:
    """The files of all sessions of which any file was written since a time.

    All of them, as a cost-state may be the sum of messages that are older.
    """
    sessions = {file: session_name(file, directory) for file in files}
    recent = {session for file, session in sessions.items() if file.modified_ns // 1000 + MAX_CLOCK_SKEW_US >= since_us}
    return [file for file, session in sessions.items() if session in recent]


def known_directories(roots: Iterable[str], ledger: LedgerReader | None) -> list[str]:
    """The project directories below the roots, and those that only hooks name, which the ledger has."""
    found = transcript_directories(roots)
    return [*found, *sorted(ledger.state.transcript_directories.difference(found))] if ledger else found


def transcript_directories(roots: Iterable[str]) -> list[str]:
    """The project directories below the roots, and the roots that cannot be listed, so that reading reports them."""
    found = []
    for root in roots:
        try:
            found += list(project_directories(root))
        except OSError:
            found.append(root)
    return found
