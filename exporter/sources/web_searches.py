"""Web searches that the WebSearch tool makes in requests of its own, which no line of a message reports."""

from __future__ import annotations

from exporter.model.keys import key_of
from exporter.model.records import NOT_ITEMIZED, ApiMessage, Usage
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_authors import TranscriptFile
from exporter.sources.transcript_lines import SearchResult, TranscriptLine

MAX_SEARCHES = 1_000  # of one call, which makes eight at most
UNKNOWN_MODEL = "unknown"


def searches(line: TranscriptLine) -> int:
    """The number of searches that a result of WebSearch reports; 0 for any other line."""
    result = line.toolUseResult
    if not isinstance(result, SearchResult) or not isinstance(result.query, str) or not line.uuid:
        return 0
    count = result.searchCount
    return count if type(count) is int and 0 < count <= MAX_SEARCHES else 0


def web_search(line: TranscriptLine, count: int, caller: TranscriptLine | None, file: TranscriptFile) -> ApiMessage:
    """The searches of a line in the form of a message; `caller` is the last message before it, which has the model."""
    time_us, branch = to_us(line.timestamp), line.gitBranch
    model = caller.message.model if caller and caller.message else None
    other = caller.other_session if caller else ""
    session = file.session_of(other or line.sessionId or "")
    return ApiMessage(
        key_of(f"searches of {line.uuid}".encode("utf-8", "replace")),
        file.written_us if time_us is None else time_us,
        model or UNKNOWN_MODEL,
        NOT_ITEMIZED,
        session.label,
        session.session_id,
        Usage(web_searches=count),
        copied=not other and file.is_older(time_us),
        born_us=session.born_us,
        branch=branch if isinstance(branch, str) else "",
    )
