"""Reads what is new in one transcript."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from enum import Enum, auto
from io import BytesIO
from typing import NamedTuple

from exporter.model.api_health import ApiEvent
from exporter.model.cost_states import CostState
from exporter.model.records import PROCESS_END, ApiMessage, HookRecord
from exporter.model.titles import Titles
from exporter.sources.api_health import api_event
from exporter.sources.api_messages import api_messages
from exporter.sources.cost_states import cost_state
from exporter.sources.decoded_lines import TimedRecord
from exporter.sources.files import LogFile
from exporter.sources.line_context import LineContext, first_time_us
from exporter.sources.line_keys import line_key
from exporter.sources.lines import Chunk, position_at, read_chunk
from exporter.sources.message_lines import MessageLines
from exporter.sources.positions import Position
from exporter.sources.relevant_lines import is_relevant, may_have_spending
from exporter.sources.timestamps import to_us
from exporter.sources.titles import title_of
from exporter.sources.transcript_authors import SessionOf, TranscriptFile
from exporter.sources.transcript_calls import tool_calls
from exporter.sources.transcript_events import transcript_event
from exporter.sources.transcript_files import TRANSCRIPT_SOURCE
from exporter.sources.transcript_lines import TranscriptLine, decode_line
from exporter.sources.web_searches import searches, web_search

SPENDING_TYPES = frozenset({"assistant", "system"})


class Wanted(Enum):
    """What is read of a transcript: costs alone, records too, or records with the inputs of calls."""

    COSTS = auto()
    RECORDS = auto()
    INPUTS = auto()


class TranscriptRecord(NamedTuple):
    """The start or end of a call, or an event; `message` is the key of the API message that made the call, else 0.

    `key` is that of the line if it reports a prompt or a compaction, else 0. It is `copied` if the line alone shows
    that the message is of another session.
    """

    record: HookRecord
    message: int
    key: int = 0
    copied: bool = False


@dataclass(slots=True)
class TranscriptRead:
    """The result of reading a part of a transcript; `more` lines may follow in the file.

    `lines` is the number of all lines, `joined_lines` of those that continue the message of another, `used_lines` of
    those without a message or an API event that reported anything, `last_us` is the time of the last line. `copied` is
    the number of records at the beginning that are known to be copies of another session's. `parents` has the session
    that each fork was copied from, empty if no line names it. `versions` has each session with the versions of Claude
    Code that wrote its lines.
    """

    position: Position
    bytes_read: int
    more: bool
    malformed: int
    written_us: int
    messages: list[ApiMessage] = field(default_factory=list)
    joined_lines: int = 0
    records: list[TranscriptRecord] = field(default_factory=list)
    api_events: list[ApiEvent] = field(default_factory=list)
    cost_states: list[CostState] = field(default_factory=list)
    parents: dict[str, str] = field(default_factory=dict)
    lines: int = 0
    titles: Titles = field(default_factory=dict)
    versions: set[tuple[str, str]] = field(default_factory=set)
    used_lines: int = 0
    copied: int = 0
    last_us: int | None = None

    @property
    def event_keys(self) -> set[int]:
        """The keys of all events that count once, also over several files."""
        return {event.key for event in self.api_events} | {record.key for record in self.records if record.key}

    def timed_records(self, file: LogFile) -> list[TimedRecord]:
        """The records that are not copies, in the form of those of hook logs.

        The end of a process has no time of its own. It comes right before the next line, so that it comes after all
        that sub-agents wrote, and before what a later process writes. Prompts and compactions have keys.
        """
        seen_us, timed = file.written_us, []
        own = [record for record in self.records[self.copied :] if not record.copied]
        order_us = max([seen_us, *(record.time_us for record, *_ in own if record.time_us is not None)]) + 1
        for record, _, key, _ in reversed(own):
            time_us = None if record.event == PROCESS_END else record.time_us
            order_us = order_us - 1 if time_us is None else time_us
            at_us = min(seen_us, order_us) if record.event == PROCESS_END else seen_us
            timed.append(TimedRecord(order_us, record.phase, record, str(key or ""), TRANSCRIPT_SOURCE, at_us))
        return timed[::-1]


def read_transcript(
    log: LogFile,
    position: Position,
    directory: str,
    session_of: SessionOf,
    wanted: Wanted = Wanted.RECORDS,
    left_out: Set[bytes] | None = None,
) -> TranscriptRead | None:
    """Read the new lines of a transcript in a project's directory; None if there are none. Raises OSError.

    With `left_out`, little is read at once, and these lines count as malformed.
    """
    chunk = read_chunk(log, position, small=left_out is not None)
    if chunk is None:
        return None
    after = position_at(log, chunk, chunk.end)
    read = TranscriptRead(after, chunk.bytes_read, chunk.more, chunk.torn, log.written_us)
    file = TranscriptFile(log, directory, session_of, first_time_us(log, chunk))
    lines = _LineReader(file, read, wanted, chunk)
    for text in BytesIO(chunk.data):
        read.lines += 1
        if is_relevant(text) and (wanted is not Wanted.COSTS or may_have_spending(text)):
            line = None if left_out and text in left_out else decode_line(text)
            if line is None:
                read.malformed += 1
            else:
                lines.add(line, text)
    read.joined_lines, read.versions = lines.joined, file.versions
    return read


class _LineReader:
    """Adds what the lines of a chunk report to what was read of its file."""

    __slots__ = ("_caller", "_chunk", "_context", "_file", "_message_lines", "_read", "_wanted")

    def __init__(self, file: TranscriptFile, read: TranscriptRead, wanted: Wanted, chunk: Chunk) -> None:
        self._file = file
        self._read = read
        self._wanted = wanted
        self._chunk = chunk
        self._context = LineContext(file.log, chunk, file)
        self._message_lines = MessageLines(read.messages)
        self._caller: TranscriptLine | None = None  # the last line of a message

    @property
    def joined(self) -> int:
        """The number of lines that continue the message of another."""
        return self._message_lines.joined

    def add(self, line: TranscriptLine, text: bytes) -> None:
        """Add what a line reports; `text` is the line itself."""
        if self._wanted is Wanted.COSTS:
            self._add_spending(line, text)
        else:
            self._add_records(line, text)
        if line.type == "assistant":
            self._caller = line
        elif line.type == "cost-state":
            state = cost_state(text, self._context, self._file.directory)
            self._read.cost_states += [state] if state else []
        elif count := searches(line):
            caller = self._caller or self._context.caller(text)
            self._read.messages.append(web_search(line, count, caller, self._file))
        elif title := title_of(line, self._chunk.data):
            self._read.titles[line.sessionId or self._file.session, title[0]] = title[1]

    def _add_records(self, line: TranscriptLine, text: bytes) -> None:
        """Add the calls or the event of a line, and what it spent."""
        read, time_us, author = self._read, to_us(line.timestamp), self._file.author(line)
        is_inherited, inputs = self._file.is_inherited(line), self._wanted is Wanted.INPUTS
        records = [] if is_inherited else tool_calls(line, author, time_us, inputs=inputs)
        if not records and (event := transcript_event(line, author, time_us, read.last_us)):
            records = [event]
        if records:
            read.last_us = records[-1].time_us or read.last_us
        message, is_copied, is_used = self._add_spending(line, text, time_us)
        for record in records:
            key = line_key(line, text) if record.prompt or record.event == "PreCompact" else 0
            read.records.append(TranscriptRecord(record, message, key, is_copied))
        if line.requestSessionId and line.requestSessionId != line.sessionId:
            read.copied = len(read.records)
        if records and not is_used:
            read.used_lines += 1

    def _add_spending(self, line: TranscriptLine, text: bytes, time_us: int | None = None) -> tuple[int, bool, bool]:
        """Add what a line spent; `time_us` is its time if that is parsed already.

        Return the key of its message, whether it is a copy, and whether it has a message or event.
        """
        if line.continuedInSessionId and line.sessionId:
            self._read.parents[line.continuedInSessionId] = line.sessionId
        if line.type not in SPENDING_TYPES:
            return 0, False, False
        if joined := self._message_lines.join(line):
            return joined.key, False, True
        read, file, time_us = self._read, self._file, to_us(line.timestamp) if time_us is None else time_us
        messages = api_messages(line, text, file, time_us) if line.type == "assistant" else []
        self._message_lines.begin(line, messages)
        is_copied = _is_copied(line, file, messages, time_us)
        if is_copied and line.sessionId:
            read.parents[line.sessionId] = line.other_session or read.parents.get(line.sessionId, "")
        api_error = api_event(line, text, read.written_us if time_us is None else time_us)
        if api_error:
            read.api_events.append(api_error)
        return messages[0].key if messages else 0, is_copied, bool(messages or api_error)


def _is_copied(line: TranscriptLine, file: TranscriptFile, messages: list[ApiMessage], time_us: int | None) -> bool:
    """Whether the line alone shows that its message is of another session."""
    if messages:
        return messages[0].copied or bool(line.other_session)
    return line.type == "assistant" and (bool(line.other_session) or file.is_older(time_us))
