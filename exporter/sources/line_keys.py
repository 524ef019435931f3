"""The key of a line, by which it counts once although forked and resumed sessions copy it into their transcripts."""

from __future__ import annotations

from exporter.model.keys import key_of
from exporter.sources.transcript_lines import TranscriptLine


def line_key(line: TranscriptLine, text: bytes) -> int:
    """The key of a line: copies of it have the same `uuid`; `text` is the line itself, the key of one without."""
    return key_of((line.uuid or "").encode("utf-8", "replace") or text.removesuffix(b"\n"))
