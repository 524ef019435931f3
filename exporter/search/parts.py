"""Reads files for the search index, in parts of bounded size."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from io import BytesIO

from exporter.model.titles import Titles
from exporter.search.documents import Document, documents
from exporter.search.hook_texts import hook_texts
from exporter.search.transcript_texts import Started, transcript_texts
from exporter.search.writer import Part
from exporter.sources.files import LogFile
from exporter.sources.hook_records import MalformedLineError, decode_line, read_record
from exporter.sources.known_files import KnownFile
from exporter.sources.line_context import first_time_us
from exporter.sources.lines import position_at, read_chunk
from exporter.sources.positions import Position
from exporter.sources.relevant_lines import is_relevant
from exporter.sources.timestamps import to_us
from exporter.sources.titles import title_of
from exporter.sources.transcript_authors import TranscriptFile
from exporter.sources.transcript_lines import decode_line as decode_transcript_line
from exporter.sources.transcript_survey import Sessions, SurveyedFile
from exporter.views.redaction import redact_text

MAX_OPEN_CALLS = 1_000  # of a file; the tool of an older one is not shown with its error


class TranscriptCheck:
    """Whether the transcript that a hook line names is below one of the roots, so that it is read itself."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = tuple(f"{root}{os.sep}" for root in roots)
        self._found: dict[str, bool] = {"": False}

    def __call__(self, path: str) -> bool:
        """Whether the transcript with this path is read."""
        if path not in self._found:
            self._found[path] = _real_path(path).startswith(self._roots)
        return self._found[path]


def transcript_parts(
    surveyed: SurveyedFile, position: Position, sessions: Sessions, open_calls: Mapping[str, Started]
) -> Iterator[Part]:
    """The new parts of a transcript. Raises OSError."""
    log, session_of = surveyed.file, sessions.of_lines(surveyed)
    pending = dict(open_calls)
    while chunk := read_chunk(log, position, small=True):
        end = position_at(log, chunk, chunk.end)
        file = TranscriptFile(log, surveyed.directory, session_of, first_time_us(log, chunk))
        found: list[Document] = []
        titles: Titles = {}
        last_us = log.written_us
        for text in BytesIO(chunk.data):
            line = decode_transcript_line(text) if is_relevant(text) else None
            if line is None:
                continue
            time_us, author = to_us(line.timestamp), file.author(line)
            last_us = last_us if time_us is None else time_us
            texts = transcript_texts(line, author, time_us, pending)
            found += documents(texts, author.session_id, author.project.path, author.agent, last_us)
            if title := title_of(line, chunk.data):
                titles[line.sessionId or file.session, title[0]] = redact_text(title[1])
        pending = dict([*pending.items()][-MAX_OPEN_CALLS:])
        known = KnownFile.read_to(log, end, more=chunk.more)
        yield Part(log, position, known, found, titles, dict(pending))
        if not chunk.more:
            break
        position = end


def hook_parts(log: LogFile, position: Position, is_read: TranscriptCheck) -> Iterator[Part]:
    """The new parts of a hook log, without lines on sessions whose transcripts are read. Raises OSError."""
    session = log.directory.rpartition(os.sep)[2]
    while chunk := read_chunk(log, position, small=True):
        end = position_at(log, chunk, chunk.end)
        found = [document for text in chunk.lines() for document in _of_hook(text, log, session, is_read)]
        yield Part(log, position, KnownFile.read_to(log, end, more=chunk.more), found, {}, {})
        if not chunk.more:
            break
        position = end


def _of_hook(text: bytes, log: LogFile, session: str, is_read: TranscriptCheck) -> Iterator[Document]:
    try:
        line = decode_line(text) if text.strip() else None
    except MalformedLineError:
        return
    record = read_record(line, log.phase, session, log.event) if line else None
    if line is None or record is None or is_read(record.transcript):
        return
    when_us = log.written_us if record.time_us is None else record.time_us
    texts = hook_texts(line, record, text)
    yield from documents(texts, record.session, record.project.path, record.agent, when_us)


def _real_path(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # a line may name anything
        return path
