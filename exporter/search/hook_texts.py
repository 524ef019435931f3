"""The texts in the lines of hook logs, of sessions whose transcripts are not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from exporter.model.records import HookRecord, Outcome, PromptSource
from exporter.search.documents import Kind, Text
from exporter.search.inputs import input_texts
from exporter.sources.formats import HookLine
from exporter.sources.prompts import encoded_text
from exporter.sources.transcript_lines import UNDECODABLE

ANSWER = b'"last_assistant_message"'
FAILED = frozenset({Outcome.ERROR, Outcome.DENIED, Outcome.INTERRUPTED})


class _Stop(msgspec.Struct, gc=False):
    """The answer with which a turn ended."""

    last_assistant_message: Any = None


STOP = msgspec.json.Decoder(_Stop)


def hook_texts(line: HookLine, record: HookRecord, text: bytes) -> Iterator[Text]:
    """The texts of a line; `record` is what was read from it."""
    if record.prompt and record.prompt.source is PromptSource.PERSON:
        yield Text(Kind.PROMPT, encoded_text(line.prompt), "", record.time_us)
    if record.tool and record.input:  # also of an end, as some recorders log no starts
        yield from input_texts(record.tool, record.input, record.time_us)
    if record.error and record.outcome in FAILED:
        yield Text(Kind.ERROR, record.error, record.tool, record.time_us)
    if ANSWER in text:
        yield Text(Kind.ANSWER, _answer(text), "", record.time_us)


def _answer(text: bytes) -> str:
    try:
        answer = STOP.decode(text).last_assistant_message
    except UNDECODABLE:
        return ""
    return answer if isinstance(answer, str) else ""
