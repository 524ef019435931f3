"""The titles of sessions: what people named them, what Claude Code named them, or the summaries of older versions."""

from __future__ import annotations

from exporter.model.titles import TitleKind
from exporter.sources.transcript_lines import TranscriptLine

MAX_TITLE = 500


def title_of(line: TranscriptLine, data: bytes) -> tuple[TitleKind, str] | None:
    """The title in a line; None if it has none.

    Old versions also wrote summaries of other sessions, so one counts only if the message that it names is in `data`.
    """
    if line.type == "custom-title":
        return _title(TitleKind.CUSTOM, line.customTitle)
    if line.type == "ai-title":
        return _title(TitleKind.GENERATED, line.aiTitle)
    if line.type == "summary" and isinstance(line.leafUuid, str) and _is_written(line.leafUuid, data):
        return _title(TitleKind.SUMMARY, line.summary)
    return None


def _title(kind: TitleKind, title: object) -> tuple[TitleKind, str] | None:
    text = " ".join(title.split())[:MAX_TITLE] if isinstance(title, str) else ""
    return (kind, text) if text else None


def _is_written(uuid: str, data: bytes) -> bool:
    return b'"uuid":"%s"' % uuid.encode("utf-8", "replace") in data
