"""The messages of a transcript."""

from __future__ import annotations

from pathlib import Path

from exporter.model.records import ApiMessage
from exporter.sources.files import log_file
from exporter.sources.positions import Position
from exporter.sources.transcripts import TranscriptRead, read_transcript
from tests.support.transcript_lines import (
    session_of,
)


def read(path: Path, position: Position | None = None) -> TranscriptRead:
    file = log_file(str(path.parent), path.name)
    assert file
    found = read_transcript(file, position or Position(), str(path.parent), session_of)
    assert found
    return found


def messages(path: Path) -> list[ApiMessage]:
    return read(path).messages
