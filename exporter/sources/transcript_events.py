"""The events of transcript lines: prompts, compactions and the end of the process, or mere activity."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.model.records import PROCESS_END, HookRecord, Phase
from exporter.sources.prompts import INTERRUPTION, SHELL_COMMAND, content_text, queued_prompt, transcript_prompt
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_files import TranscriptFile
from exporter.sources.transcript_lines import Compaction, TranscriptLine

SIGNS_OF_END = (INTERRUPTION, SHELL_COMMAND)  # written after a turn has ended, although they are no prompts
UNKNOWN_TRIGGER = "unknown"


def transcript_events(line: TranscriptLine, file: TranscriptFile, last_us: int | None) -> Iterator[HookRecord]:
    """The event that a line reports, by the name of the hook that reports the same; without a name if there is none.

    `last_us` is the time of the line before, which the last line of a process lacks.
    """
    if line.type == "cost-state":  # the last line of a process
        yield HookRecord(Phase.EVENT, PROCESS_END, line.sessionId or file.session, last_us)
    elif line.type == "user":
        yield _of_user(line, file)
    elif line.type == "assistant":
        yield _event(line, file)
    elif line.type == "attachment" and (prompt := queued_prompt(line)):
        yield _event(line, file, prompt=prompt)
    elif line.subtype == "compact_boundary" and not line.forkedFrom:
        yield _event(line, file, "PreCompact", detail=_trigger(line))


def _of_user(line: TranscriptLine, file: TranscriptFile) -> HookRecord:
    text = content_text(line.message.content) if line.message else ""
    prompt = transcript_prompt(line, text)
    if prompt:
        return _event(line, file, "UserPromptSubmit", prompt=prompt, turn=line.promptId or "")
    return _event(line, file, "UserPromptSubmit" if text.startswith(SIGNS_OF_END) else "")


def _event(line: TranscriptLine, file: TranscriptFile, name: str = "", **fields: object) -> HookRecord:
    return HookRecord(
        Phase.OPENING if name == "UserPromptSubmit" else Phase.EVENT,
        name,
        line.sessionId or file.session,
        to_us(line.timestamp),
        project=file.project(line.cwd or ""),
        **fields,  # type: ignore[arg-type] # the fields of a record
    )


def _trigger(line: TranscriptLine) -> str:
    compaction = line.compactMetadata
    trigger = compaction.trigger if isinstance(compaction, Compaction) else None
    return trigger if isinstance(trigger, str) and trigger else UNKNOWN_TRIGGER
