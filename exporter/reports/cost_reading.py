"""Reads the messages of transcripts for a report on costs, in several processes if there are many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from exporter.counting.messages import CountedMessage, changes, joined, merged
from exporter.counting.project_names import Times, new_labels
from exporter.ingest.fork import in_parallel, parts, processor_count
from exporter.ledger.spending_reader import SpendingReader
from exporter.model.api_health import ApiEvent
from exporter.model.cost_states import CostState
from exporter.model.records import ApiMessage
from exporter.model.track import Track
from exporter.prices.table import PriceTable
from exporter.reports.cost_records import CostRecords, Listed
from exporter.sources.changed_files import changed_files
from exporter.sources.files import LogFile
from exporter.sources.known_files import by_directory
from exporter.sources.positions import Position
from exporter.sources.transcript_survey import Sessions, Survey, SurveyedFile
from exporter.sources.transcripts import Wanted, read_transcript

MAX_PROCESSES = 8  # this process joins what the others have read


class PartialResult(msgspec.Struct, array_like=True, gc=False):
    """What another process has read."""

    messages: list[CountedMessage]
    api_events: list[ApiEvent]
    cost_states: list[CostState]
    parents: dict[str, str]
    unreadable: dict[str, str]


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(PartialResult)


@dataclass(frozen=True, slots=True)
class CostReading:
    """Adds what transcripts have to records; from where the exporter of a ledger has stopped, unless read `anew`."""

    records: CostRecords
    prices: PriceTable
    ledger: SpendingReader | None
    process_bytes: int
    is_anew: bool

    def read(self, listed: Iterable[Listed], labels: Mapping[str, str], times: Times, track: Track) -> dict[str, str]:
        """Read the unread files; the labels of projects that had none, by path. `times` are those of other logs."""
        survey = Survey(self.ledger.transcript_sessions, labels) if self.ledger else Survey()
        unread: dict[SurveyedFile, Position] = {}
        for one in listed:
            unread |= self._surveyed(one, survey)
        new = new_labels([each for each in (*survey.times(), *times) if each[0] not in labels], labels.values())
        sessions = survey.sessions({**labels, **new})
        self._read({file: unread[file] for file in sessions.in_order(unread)}, sessions, track)
        return new

    def _surveyed(self, listed: Listed, survey: Survey) -> dict[SurveyedFile, Position]:
        """The unread transcripts of a project. Without a ledger, labels depend on those of all times."""
        positions = self._positions(listed)
        surveyed = survey.add(listed.directory, positions if self.ledger else listed.files)
        return {file: positions[file.file] for file in surveyed if file.file in positions}

    def _positions(self, listed: Listed) -> dict[LogFile, Position]:
        """The positions to read from."""
        if self.ledger is None or self.is_anew:
            return dict.fromkeys(listed.unread, Position())
        files_of, positions = by_directory(listed.unread), dict[LogFile, Position]()
        known = self.ledger.known_files_of(files_of)
        for parent, here in files_of.items():
            positions |= changed_files(here, known[parent])
        return positions

    def _read(self, unread: Mapping[SurveyedFile, Position], sessions: Sessions, track: Track) -> None:
        """Add the records of files; where there is much to read, other processes read parts of them if possible."""
        sizes = [max(0, surveyed.file.size - position.offset) for surveyed, position in unread.items()]
        worthwhile = max(1, sum(sizes) // self.process_bytes)
        first, *others = parts(list(unread), sizes, min(worthwhile, processor_count(), MAX_PROCESSES)) or [[]]
        results = [in_parallel(partial(self._partial_result, part, unread, sessions)) for part in others]
        self._read_files(track(first), unread, sessions)
        for part, result in zip(others, results, strict=True):
            self._add_result(result(), part, unread, sessions)

    def _add_result(
        self,
        partial_result: bytes | None,
        part: Sequence[SurveyedFile],
        positions: Mapping[SurveyedFile, Position],
        sessions: Sessions,
    ) -> None:
        """Add what another process has read; if it has failed, read that here."""
        if partial_result is None:
            self._read_files(part, positions, sessions)
        else:
            self._join(DECODER.decode(partial_result))

    def _partial_result(
        self, files: Sequence[SurveyedFile], positions: Mapping[SurveyedFile, Position], sessions: Sessions
    ) -> bytes:
        """The encoded PartialResult of these files alone."""
        found = CostRecords()
        replace(self, records=found)._read_files(files, positions, sessions)
        messages, events = list(found.messages.values()), list(found.api_events.values())
        return ENCODER.encode(PartialResult(messages, events, found.cost_states, found.parents, found.unreadable))

    def _join(self, other: PartialResult) -> None:
        """Add what another process has read."""
        found = self.records
        found.unreadable |= other.unreadable
        found.cost_states += other.cost_states
        found.parents |= other.parents
        for message in other.messages:
            before = found.messages.get(message.key)
            found.messages[message.key] = joined(before, message, self.prices.cost) if before else message
        self._add_api_events(other.api_events)

    def _read_files(
        self, files: Iterable[SurveyedFile], positions: Mapping[SurveyedFile, Position], sessions: Sessions
    ) -> None:
        for surveyed in files:
            try:
                self._read_file(surveyed, positions[surveyed], sessions)
            except OSError as error:
                self.records.note_unreadable(surveyed.file.path, error)

    def _read_file(self, surveyed: SurveyedFile, position: Position, sessions: Sessions) -> None:
        session_of = sessions.of_lines(surveyed)
        while read := read_transcript(surveyed.file, position, surveyed.directory, session_of, Wanted.COSTS):
            for message in read.messages:
                self._count_line(message)
            self._add_api_events(read.api_events)
            self.records.cost_states += read.cost_states
            self.records.parents |= read.parents
            if not read.more:
                break
            position = read.position

    def _add_api_events(self, events: Iterable[ApiEvent]) -> None:
        for event in events:
            self.records.api_events.setdefault(event.key, event)

    def _count_line(self, message: ApiMessage) -> None:
        before = self.records.messages.get(message.key)
        if before is None or changes(message, before):
            self.records.messages[message.key] = merged(message, self.prices.cost, before)
