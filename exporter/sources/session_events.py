"""The events of transcript lines with their texts: prompts, answers, compactions, API errors, fallbacks."""

from __future__ import annotations

from collections.abc import Callable

from exporter.model.api_health import ApiError, ApiErrorOutcome
from exporter.model.session_events import EventKind, SessionEvent
from exporter.model.text import readable_start
from exporter.sources.api_health import api_event
from exporter.sources.api_messages import SYNTHETIC, message_key
from exporter.sources.line_keys import line_key
from exporter.sources.prompts import content_text, queued_prompt, queued_text, transcript_prompt
from exporter.sources.transcript_authors import Author
from exporter.sources.transcript_lines import Compaction, TranscriptLine, blocks, decoded_text

MAX_TEXT = 4_000  # characters of a prompt or an answer that are kept
UNKNOWN = "unknown"
Read = Callable[[TranscriptLine, bytes, Author, int], SessionEvent | None]


def session_event(line: TranscriptLine, text: bytes, author: Author, time_us: int) -> SessionEvent | None:
    """The event of a line, None if it has none or is a copy; `text` is the line itself, `time_us` its time."""
    if line.forkedFrom or line.other_session:
        return None
    return next((event for read in READERS if (event := read(line, text, author, time_us))), None)


def _prompt(line: TranscriptLine, text: bytes, author: Author, time_us: int) -> SessionEvent | None:
    if line.type == "attachment":
        submitted = queued_text(line)
        prompt = queued_prompt(line) if submitted is not None else None
    elif line.type == "user":
        submitted = content_text(line.message.content) if line.message else ""
        prompt = transcript_prompt(line, submitted)
    else:
        return None
    if prompt is None:
        return None
    return SessionEvent(
        EventKind.PROMPT, time_us, author.session_id, text=readable_start(submitted or "", MAX_TEXT),
        detail=prompt.source.value, key=line_key(line, text),
    )  # fmt: skip


def _api_problem(line: TranscriptLine, text: bytes, author: Author, time_us: int) -> SessionEvent | None:
    event = api_event(line, text, time_us)
    if event is None:
        return None
    kind = EventKind.API_ERROR if isinstance(event, ApiError) else EventKind.FALLBACK
    if isinstance(event, ApiError):
        shown, detail = _of_error(event, line), event.outcome.value
    else:
        shown, detail = f"{event.from_model} → {event.to_model}", event.trigger.value
    return SessionEvent(kind, time_us, *_who(author), text=shown, detail=detail, key=event.key)


def _of_error(error: ApiError, line: TranscriptLine) -> str:
    status = f"HTTP {error.status}" if error.status.isdigit() else f"{error.status} error".replace("_", " ")
    if error.outcome is ApiErrorOutcome.RETRIED:
        return f"{status}, next attempt in {error.wait_ms / 1000:.1f} s" if error.wait_ms else f"{status}, retried"
    reason = content_text(line.message.content) if line.message else ""
    return readable_start(f"{status}, given up: {reason}", MAX_TEXT) if reason else f"{status}, given up"


def _answer(line: TranscriptLine, text: bytes, author: Author, time_us: int) -> SessionEvent | None:
    message = line.message
    if line.type != "assistant" or message is None or message.model in {None, "", SYNTHETIC}:
        return None
    answer = next((found for block in blocks(message.content) if (found := decoded_text(block.text))), "")
    if not answer and isinstance(message.content, str):
        answer = message.content
    shown, request = readable_start(answer.strip(), MAX_TEXT), message_key(line, message, text)
    return SessionEvent(EventKind.ANSWER, time_us, *_who(author), text=shown, request=request)


def _compaction(line: TranscriptLine, text: bytes, author: Author, time_us: int) -> SessionEvent | None:
    if line.subtype != "compact_boundary":
        return None
    found = line.compactMetadata if isinstance(line.compactMetadata, Compaction) else Compaction()
    sizes = [f"{tokens:,}" for tokens in (found.preTokens, found.postTokens) if type(tokens) is int and tokens > 0]
    trigger = found.trigger if isinstance(found.trigger, str) and found.trigger else UNKNOWN
    shown = f"{' → '.join(sizes)} tokens" if sizes else ""
    return SessionEvent(
        EventKind.COMPACTION, time_us, *_who(author), text=shown, detail=trigger, key=line_key(line, text)
    )


def _who(author: Author) -> tuple[str, str, str]:
    return author.session_id, author.agent_id, author.agent


# In the order in which they are tried: an API error that was given up is written like an answer.
READERS: tuple[Read, ...] = (_prompt, _api_problem, _answer, _compaction)
