"""The texts in the lines of transcripts: prompts, answers, and calls with their errors."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import NamedTuple

from exporter.model.records import Outcome, PromptSource
from exporter.search.documents import Kind, Text
from exporter.search.inputs import input_texts
from exporter.sources.prompts import content_text, queued_prompt, queued_text, transcript_prompt
from exporter.sources.transcript_authors import Author
from exporter.sources.transcript_calls import tool_calls
from exporter.sources.transcript_lines import TranscriptLine, blocks, decoded_text


class Started(NamedTuple):
    """The tool of a call whose result may come later, and its start."""

    tool: str
    time_us: int | None


OpenCalls = MutableMapping[str, Started]  # by the id of the call
NOT_FAILED = frozenset({Outcome.SUCCESS, Outcome.UNKNOWN})


def transcript_texts(
    line: TranscriptLine, author: Author, time_us: int | None, open_calls: OpenCalls
) -> Iterator[Text]:
    """The texts of a line, none if it is a copy of another session's line."""
    if line.other_session or line.forkedFrom:
        return
    if line.type == "assistant":
        yield from _answers(line, time_us)
        yield from _inputs(line, author, time_us, open_calls)
    elif line.type == "user":
        yield from _errors(line, author, time_us, open_calls)
        yield from _prompt(line, time_us)
    elif line.type == "attachment" and (text := queued_text(line)):
        queued = queued_prompt(line)
        if queued and queued.source is PromptSource.PERSON:
            yield Text(Kind.PROMPT, text, "", time_us)


def _answers(line: TranscriptLine, time_us: int | None) -> Iterator[Text]:
    kind = Kind.ERROR if line.isApiErrorMessage is True else Kind.ANSWER
    content = line.message.content if line.message else None
    for text in [content] if isinstance(content, str) else [decoded_text(block.text) for block in blocks(content)]:
        if text:
            yield Text(kind, text, "", time_us)


def _inputs(line: TranscriptLine, author: Author, time_us: int | None, open_calls: OpenCalls) -> Iterator[Text]:
    for call in tool_calls(line, author, time_us, inputs=True):
        open_calls[call.call_id] = Started(call.tool, time_us)
        yield from input_texts(call.tool, call.input, time_us)


def _errors(line: TranscriptLine, author: Author, time_us: int | None, open_calls: OpenCalls) -> Iterator[Text]:
    """The errors of calls, each at the time of its call's start, where a session's page shows it."""
    for call in tool_calls(line, author, time_us):
        started = open_calls.pop(call.call_id, Started("", time_us))
        if call.error and call.outcome not in NOT_FAILED:
            yield Text(Kind.ERROR, call.error, started.tool, started.time_us)


def _prompt(line: TranscriptLine, time_us: int | None) -> Iterator[Text]:
    text = content_text(line.message.content) if line.message else ""
    prompt = transcript_prompt(line, text)
    if text and prompt and prompt.source is PromptSource.PERSON:
        yield Text(Kind.PROMPT, text, "", time_us)
