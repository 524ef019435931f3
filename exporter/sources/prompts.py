"""Prompts, and who submitted them: people, or Claude Code by itself.

A prompt of a hook is known by its text alone; a line of a transcript also names its origin.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from exporter.model.records import Prompt, PromptSource
from exporter.sources.lines import digest
from exporter.sources.transcript_lines import UNDECODABLE, Attachment, Content, TranscriptLine, blocks, decoded_text

# How the texts of automatic prompts begin.
AUTOMATIC_TEXTS = {
    "<task-notification": PromptSource.TASK_NOTIFICATION,
    "<tick": PromptSource.SCHEDULE,
    "<teammate-message": PromptSource.PEER,
    "<cross-session-message": PromptSource.PEER,
    "<agent-message": PromptSource.PEER,
    "<channel": PromptSource.PEER,
    "Another Claude session sent a message:": PromptSource.PEER,
    "Another Claude session sent a message while you were working:": PromptSource.PEER,
    "A peer session sent a message while you were working:": PromptSource.PEER,
}
# How Claude Code continues a turn that the end of its process interrupted: with the first text alone, or with how a
# longer one begins.
CONTINUATION = "Continue from where you left off."
CONTINUATIONS = (
    f"{CONTINUATION} Note: this session was automatically restarted",
    f"{CONTINUATION} This session moved to a new runner",
    "This session's worker process was restarted.",
)
# The values of `turnOrigin` for turns that no person began.
AUTOMATIC_TURNS = {
    "scheduled": PromptSource.SCHEDULE,
    "task_notification": PromptSource.TASK_NOTIFICATION,
    "peer": PromptSource.PEER,
    "auto_continuation": PromptSource.OTHER,
    "host_synthetic": PromptSource.OTHER,
    "system": PromptSource.OTHER,
}
INTERRUPTION, SHELL_COMMAND = "[Request interrupted", "<bash-input"
# How lines begin that have the form of a prompt but are the traces of commands, or of an interruption.
TRACES = (INTERRUPTION, "<bash-", "<local-command", "<command-name")
QUEUED, BACKGROUND = "queued_command", "bg"
# How the note begins that `/fork` adds to the first turn of a fork, about its origin; nothing has submitted it.
ORIGIN_OF_FORK = re.compile(r"<task-notification>\s*<fork-source>")
MAX_LINE = 1000
# A command as transcripts have it: its name, and what was typed after it.
COMMAND = re.compile(r"<command-name>([^<]{1,200})</command-name>(?:\s*<command-args>([^<]*)</command-args>)?")
COMMAND_START = "<command-"


class _ScheduledPrompt(msgspec.Struct, gc=False):
    """A prompt that Claude Code will submit by itself."""

    prompt: Any = None


CONTENT: msgspec.json.Decoder[Content] = msgspec.json.Decoder(Content)
SCHEDULE = msgspec.json.Decoder(list[_ScheduledPrompt])


def hook_prompt(text: str) -> Prompt:
    """The prompt of a hook with this text."""
    return Prompt(_source_by_text(text) or PromptSource.PERSON, _digest(text) if text else "", first_line(text))


def first_line(text: str) -> str:
    """The first line with a text, bounded in length; of a command, its name and arguments."""
    start = text[: 4 * MAX_LINE].lstrip()
    command = COMMAND.search(start) if start.startswith(COMMAND_START) else None
    line = " ".join(filter(None, command.groups())) if command else start
    return next(iter(line.strip().splitlines()), "")[:MAX_LINE].rstrip()


def schedule(raw: msgspec.Raw) -> tuple[str, ...]:
    """The digests of the prompts that are scheduled."""
    try:
        scheduled = SCHEDULE.decode(raw) if raw else []
    except UNDECODABLE:
        return ()
    return tuple(_digest(item.prompt) for item in scheduled if isinstance(item.prompt, str) and item.prompt)


def transcript_prompt(line: TranscriptLine, text: str) -> Prompt | None:
    """The prompt that a user's line with this text is; None for the other things that are written as such lines."""
    if line.isSidechain or line.agentId or line.forkedFrom or line.isCompactSummary or _is_moved(line):
        return None
    if source := AUTOMATIC_TURNS.get(line.turnOrigin or ""):
        return Prompt(source)
    if line.scheduledTaskId:
        return Prompt(PromptSource.SCHEDULE)
    if line.isMeta or not text or text.startswith(TRACES):
        return None
    return Prompt(_source_by_text(text) or PromptSource.PERSON, line=first_line(text))


def queued_prompt(line: TranscriptLine) -> Prompt | None:
    """The prompt that a queued text is; None for a sub-agent's, a note to a fork, and the copy of a fork."""
    text = queued_text(line) or ""
    if line.isSidechain or line.agentId or line.forkedFrom or ORIGIN_OF_FORK.match(text):
        return None
    return Prompt(_source_by_text(text) or PromptSource.PERSON, line=first_line(text))


def queued_text(line: TranscriptLine) -> str | None:
    """The text that was submitted while a turn was running, and became part of it; None if the line reports none."""
    queued = line.attachment
    return content_text(queued.prompt) if isinstance(queued, Attachment) and queued.type == QUEUED else None


def encoded_text(raw: msgspec.Raw) -> str:
    """The first text of content that is not decoded yet; empty if it has none."""
    try:
        return content_text(CONTENT.decode(raw)) if raw else ""
    except UNDECODABLE:
        return ""


def content_text(content: Content) -> str:
    """The first text of content, which is a text or a list of blocks; empty if it has none."""
    if isinstance(content, str):
        return content.lstrip()
    texts = (decoded_text(block.text) for block in blocks(content))
    return next((text.lstrip() for text in texts if text is not None), "")


def _source_by_text(text: str) -> PromptSource | None:
    if text == CONTINUATION or text.startswith(CONTINUATIONS):
        return PromptSource.OTHER
    if not text.startswith(("<", "A")):
        return None
    return next((source for start, source in AUTOMATIC_TEXTS.items() if text.startswith(start)), None)


def _is_moved(line: TranscriptLine) -> bool:
    """Whether it is the prompt of a turn that was moved to the background: the copy alone does not have its id."""
    return line.sessionKind == BACKGROUND and bool(line.turnOrigin) and not line.promptId


def _digest(text: str) -> str:
    return digest(text.strip().encode("utf-8", "surrogatepass")).hex()
