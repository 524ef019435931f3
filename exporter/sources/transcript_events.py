"""The events of transcript lines: prompts and the end of the process, which end open calls, or mere activity."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.model.records import PROCESS_END, HookRecord, Phase
from exporter.sources.timestamps import to_us
from exporter.sources.transcript_calls import TOOL_RESULT
from exporter.sources.transcript_files import TranscriptFile
from exporter.sources.transcript_lines import TranscriptLine

SPOKEN = frozenset({"user", "assistant"})


def transcript_events(line: TranscriptLine, file: TranscriptFile, last_us: int | None) -> Iterator[HookRecord]:
    """The event that a line reports, by the name of the hook that reports the same; without a name if there is none.

    `last_us` is the time of the line before, which the last line of a process lacks.
    """
    if line.type == "cost-state":  # the last line of a process
        yield HookRecord(Phase.EVENT, PROCESS_END, line.sessionId or file.session, last_us)
    elif line.type in SPOKEN:
        is_prompt = line.type == "user" and _is_prompt(line)
        yield HookRecord(
            Phase.OPENING if is_prompt else Phase.EVENT,
            "UserPromptSubmit" if is_prompt else "",
            line.sessionId or file.session,
            to_us(line.timestamp),
            project=file.project(line.cwd or ""),
        )


def _is_prompt(line: TranscriptLine) -> bool:
    content = bytes(line.message.content) if line.message else b""
    is_own = line.isSidechain or line.isMeta or line.isCompactSummary
    return bool(content) and not is_own and TOOL_RESULT not in content
