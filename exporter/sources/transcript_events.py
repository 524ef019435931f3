"""The events of transcript lines: prompts, compactions, runs of sub-agents, the end of the process, or activity."""

from __future__ import annotations

from typing import Any

from exporter.model.records import PROCESS_END, HookRecord, Outcome, Phase, TaskEnd
from exporter.sources.background import notified
from exporter.sources.prompts import (
    INTERRUPTION,
    SHELL_COMMAND,
    content_text,
    queued_prompt,
    queued_text,
    transcript_prompt,
)
from exporter.sources.transcript_authors import Author
from exporter.sources.transcript_lines import Compaction, TranscriptLine
from exporter.sources.turns import TURN_END

SIGNS_OF_END = (INTERRUPTION, SHELL_COMMAND)  # written after a turn has ended, although they are not prompts
UNKNOWN_TRIGGER = "unknown"
LAST_ANSWER = "end_turn"


def transcript_event(
    line: TranscriptLine, author: Author, time_us: int | None, last_us: int | None
) -> HookRecord | None:
    """The event that a line reports, by the name of the hook that reports the same; without a name if there is none.

    `last_us` is the time of the line before, which the last line of a process lacks.
    """
    if line.type == "cost-state":  # the last line of a process
        return HookRecord(Phase.EVENT, PROCESS_END, author.session_id, last_us)
    fields = _fields(line)
    return None if fields is None else _event(author, time_us, **fields)


def _fields(line: TranscriptLine) -> dict[str, Any] | None:
    """The fields of a record that the kind of a line determines; None if it reports no event."""
    if line.type in {"user", "assistant"}:
        return _of_subagent(line) if line.agentId else _of_main_agent(line)
    if line.type == "attachment" and (text := queued_text(line)) is not None:
        return {"prompt": queued_prompt(line), "task_ends": notified(text)}
    if line.type == "queue-operation" and (ends := _enqueued(line)):
        return {"task_ends": ends}
    if line.subtype == "compact_boundary" and not line.forkedFrom:
        return {"name": "PreCompact", "detail": _trigger(line)}
    return None


def _of_main_agent(line: TranscriptLine) -> dict[str, Any]:
    """The fields of a record: those of a prompt in the line of a user, or of the last answer of a turn."""
    if line.type == "assistant":
        return {"name": TURN_END if _is_last_answer(line) or line.isApiErrorMessage is True else ""}
    text = _user_text(line)
    if prompt := transcript_prompt(line, text):
        turn = line.promptId or ""
        return {"name": "UserPromptSubmit", "prompt": prompt, "turn": turn, "task_ends": notified(text)}
    return {"name": "UserPromptSubmit" if text.startswith(SIGNS_OF_END) else ""}


def _of_subagent(line: TranscriptLine) -> dict[str, Any]:
    """The fields of a record: a message to a sub-agent starts a run, its last answer or an interruption ends it."""
    if line.type == "user":
        text = _user_text(line)
        if text.startswith(INTERRUPTION):
            return {"name": "SubagentStop", "outcome": Outcome.INTERRUPTED}
        return {"name": "SubagentStart" if text else "", "task_ends": notified(text)}  # without a text, it is a result
    if line.isApiErrorMessage is True:
        return {"name": "StopFailure"}
    return {"name": "SubagentStop" if _is_last_answer(line) else ""}


def _is_last_answer(line: TranscriptLine) -> bool:
    return line.message is not None and line.message.stop_reason == LAST_ANSWER


def _user_text(line: TranscriptLine) -> str:
    return content_text(line.message.content) if line.type == "user" and line.message else ""


def _enqueued(line: TranscriptLine) -> tuple[TaskEnd, ...]:
    """What a notification reports, at the time when it is queued rather than when the main agent reads it."""
    return notified(content_text(line.content)) if line.operation == "enqueue" else ()


def _event(author: Author, time_us: int | None, name: str = "", **fields: Any) -> HookRecord:
    phase = Phase.OPENING if name == "UserPromptSubmit" else Phase.EVENT
    return HookRecord(
        phase, name, author.session_id, time_us, agent_id=author.agent_id, agent=author.agent, project=author.project,
        **fields,
    )  # fmt: skip


def _trigger(line: TranscriptLine) -> str:
    compaction = line.compactMetadata
    trigger = compaction.trigger if isinstance(compaction, Compaction) else None
    return trigger if isinstance(trigger, str) and trigger else UNKNOWN_TRIGGER
