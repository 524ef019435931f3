"""The whole text of a prompt or an answer, read again from the files of its session: its event has only the start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

from exporter.ingest.follow import Report, SessionGroup
from exporter.model.records import CALL_PHASES, Witness
from exporter.model.session_events import EventKind, SessionEvent
from exporter.sources.api_messages import message_key
from exporter.sources.decoded_lines import decode_chunk
from exporter.sources.files import LogFile, log_files
from exporter.sources.hook_records import payload
from exporter.sources.line_keys import line_key
from exporter.sources.lines import Chunk, position_at, read_chunk
from exporter.sources.positions import Position
from exporter.sources.prompts import content_text, encoded_text, queued_text
from exporter.sources.relevant_lines import is_relevant
from exporter.sources.session_transcripts import session_transcripts
from exporter.sources.transcript_lines import TranscriptLine, blocks, decode_line, decoded_text

PROMPT_EVENT = "UserPromptSubmit"
WITH_TEXTS = frozenset({EventKind.PROMPT, EventKind.ANSWER})


def whole_text(event: SessionEvent, groups: Iterable[SessionGroup], report: Report) -> str:
    """The text of an event of a session with these files; what the event has of it if they do not have it any more."""
    if event.kind not in WITH_TEXTS:
        return event.text
    texts = _hook_texts if event.witness is Witness.HOOK else _transcript_texts
    # The lines of one message may be in several files, each with all of its texts before it.
    found = dict.fromkeys(text.strip() for text in texts(event, groups, report))
    return "\n\n".join(filter(None, found)) or event.text


def _hook_texts(event: SessionEvent, groups: Iterable[SessionGroup], report: Report) -> Iterator[str]:
    for file in _hook_files(groups, report):
        for chunk in _chunks(file, report):
            decoded = decode_chunk(file, chunk, event.session)
            for line, record, order_us in zip(decoded.lines, decoded.records, decoded.order_us, strict=True):
                is_prompt = record is not None and record.event == PROMPT_EVENT and record.session == event.session
                if is_prompt and (order_us or file.written_us) == event.time_us:
                    yield encoded_text(payload(line).prompt)
                    return


def _transcript_texts(event: SessionEvent, groups: Iterable[SessionGroup], report: Report) -> Iterator[str]:
    read: Callable[[SessionEvent, TranscriptLine, bytes], Iterator[str]] = (
        _answer_texts if event.kind is EventKind.ANSWER else _prompt_texts
    )
    files = (file for group in groups for path in group.transcripts for file in session_transcripts(path, report))
    for file in files:
        for chunk in _chunks(file, report):
            for text in BytesIO(chunk.data):
                line = decode_line(text) if is_relevant(text) else None
                if line is not None:
                    yield from read(event, line, text)


def _prompt_texts(event: SessionEvent, line: TranscriptLine, text: bytes) -> Iterator[str]:
    if line.type in {"user", "attachment"} and line_key(line, text) == event.key:
        queued = queued_text(line) if line.type == "attachment" else None
        yield queued or (content_text(line.message.content) if line.message else "")


def _answer_texts(event: SessionEvent, line: TranscriptLine, text: bytes) -> Iterator[str]:
    message = line.message
    if line.type == "assistant" and message and message_key(line, message, text) == event.request:
        if isinstance(message.content, str):
            yield message.content
        yield from (found for block in blocks(message.content) if (found := decoded_text(block.text)))


def _hook_files(groups: Iterable[SessionGroup], report: Report) -> Iterator[LogFile]:
    for group in groups:
        for directory in group.directories:
            try:
                yield from (file for file in log_files(directory) if file.phase not in CALL_PHASES)
            except OSError as error:
                report(directory, error)


def _chunks(file: LogFile, report: Report) -> Iterator[Chunk]:
    """All lines of a file; those that cannot be read are reported."""
    position = Position()
    try:
        while chunk := read_chunk(file, position):
            yield chunk
            if not chunk.more:
                break
            position = position_at(file, chunk, chunk.end)
    except OSError as error:
        report(file.path, error)
