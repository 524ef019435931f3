"""A session with sub-agents, commands in the background and all kinds of prompts, as both witnesses report it."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.exporter.ingest.witnesses import COST_STATE, Written, answered, hook, said
from tests.support.transcript_lines import (
    SESSION,
    SLUG,
    assistant_line,
    prompt_line,
    queue_line,
    queued_line,
    result_line,
)

EXPLORE = {"agent_type": "Explore"}
INTERRUPTED = "[Request interrupted by user]"
KINDS = (
    "prompt", "queued", "scheduled", "command completed", "command failed", "command stopped", "command unfinished",
    "command nested", "agent completed", "agent resumed", "agent failed", "agent stopped",
    "agent unfinished", "agent interrupted",
)  # fmt: skip


class Work(NamedTuple):
    """Generated work; `kind` is what becomes of it. It starts after a pause; times are in seconds."""

    kind: str
    pause: float
    took: float


def notification(task: str, outcome: str, summary: str = "") -> str:
    """The prompt by which Claude Code reports the end of background work."""
    tags = {"task-id": task, "status": outcome, "summary": summary, "result": "<status>other</status>"}
    lines = "\n".join(f"<{tag}>{text}</{tag}>" for tag, text in tags.items())
    return f"<task-notification>\n{lines}\n</task-notification>"


def told(second: float, text: str) -> list[Written]:
    """A notification: the transcript has it when it is queued, the hook when it is delivered."""
    return [
        said(second, queue_line(text, second=second)),
        said(second + 2, queued_line(text, second=second)),
        hook(second + 2, "UserPromptSubmit", prompt=text),
    ]


def returned(second: float, call_id: str, result: object, tool: str = "Bash", given: object = None) -> list[Written]:
    """The return of a call."""
    fields = {"tool_name": tool, "tool_use_id": call_id, "tool_input": given or {"command": call_id}}
    ended = hook(second, "PostToolUse", **fields, tool_response=result, duration_ms=9)
    return [ended, answered(second + 0.005, call_id, toolUseResult=result)]


class Script:
    """Writes the lines of one session, one piece of work after the other."""

    def __init__(self) -> None:
        self.lines: list[Written] = [hook(0, "SessionStart", source="startup")]
        self.second = 0.1
        self.number = 0
        self.turn = ""
        self.prompt("prompt")

    def add(self, work: Work) -> None:
        """Write some work; some of it continues afterwards."""
        self.second += work.pause
        kind, _, fate = work.kind.partition(" ")
        if kind == "command":
            self.command(fate, work.took)
        elif kind == "agent":
            self.agent(fate, work.took)
        else:
            self.prompt(kind)

    def end(self) -> None:
        """End the process."""
        self.lines += [hook(self.second + 5, "SessionEnd", reason="exit"), said(self.second + 5, COST_STATE)]

    def prompt(self, kind: str) -> None:
        """Write a prompt: one that begins a turn, one that becomes part of it, or one of Claude Code itself."""
        at, text = self.second, f"{kind} text"
        if kind == "scheduled":
            self.lines.append(hook(at - 0.05, "Stop", session_crons=[{"prompt": text}], prompt_id=self.turn))
        if kind != "queued":
            self.turn = f"turn-{self._next()}"
        fields = {"promptId": self.turn, "turnOrigin": "scheduled" if kind == "scheduled" else "human"}
        line = queued_line(text, second=at) if kind == "queued" else prompt_line(text, second=at, **fields)
        self.lines += [said(at, line), hook(at + 0.1, "UserPromptSubmit", prompt=text, prompt_id=self.turn)]
        self.second = at + 0.3

    def command(self, fate: str, took: float) -> None:
        """Write a command that continues in the background."""
        if fate == "nested":
            self.nested_command(took)
            return
        number, at = self._next(), self.second
        call_id, task = f"toolu_{number}", f"b{number}"
        self._call(at, call_id, "Bash")
        self.lines += returned(at + 0.05, call_id, {"interrupted": False, "backgroundTaskId": task})
        self.second = at + 0.1 + took
        if fate == "stopped":
            self._stop(task)
        elif fate != "unfinished":
            self.lines += told(self.second, notification(task, fate, "exit code 3"))
            self.second += 3

    def nested_command(self, took: float) -> None:
        """Write a command of a sub-agent that continues after its run; the main agent is not told of its end."""
        number, at = self._next(), self.second
        agent_id, call_id, task = f"a{number}", f"toolu_{number}", f"b{number}"
        fields = {"tool_name": "Bash", "tool_use_id": call_id, "tool_input": {}, "agent_id": agent_id, **EXPLORE}
        side = {**_side(agent_id), "toolUseResult": None}
        text = f"Command running in background with ID: {task}. Output is being written to: /tmp/{task}."
        self._run(at, agent_id, 0.5)
        self.lines += [
            self._says(at + 0.6, agent_id, {"type": "tool_use", "id": call_id, "name": "Bash"}, "tool_use"),
            hook(at + 0.6, "PreToolUse", **fields),
            hook(at + 0.7, "PostToolUse", **fields, tool_response={"backgroundTaskId": task}),
            Written(at + 0.7, _file(agent_id), result_line(call_id, second=at + 0.7, text=text, **side)),
        ]
        self.second = at + 1
        self._answer(agent_id)
        self.second += took
        ended = notification(task, "failed", "Background command failed with exit code 4")
        self.lines.append(said(self.second, queue_line(ended, second=self.second)))

    def agent(self, fate: str, took: float) -> None:
        """Write a sub-agent, in the background unless a person interrupts it."""
        number, at = self._next(), self.second
        call_id, agent_id = f"toolu_{number}", f"a{number}"
        self._call(at, call_id, "Agent")
        self._run(at + 0.01, agent_id, took)
        self.second = at + took + 1
        if fate == "interrupted":
            self._interrupt(call_id, agent_id)
            return
        self.lines += returned(at + 0.02, call_id, {"status": "async_launched", "agentId": agent_id}, "Agent")
        if fate == "stopped":
            self._stop(agent_id)
            self.lines += told(self.second, notification(agent_id, "killed"))
        elif fate != "unfinished":
            self._answer(agent_id, failed=fate == "failed")
            outcome = "failed" if fate == "failed" else "completed"
            self.lines += told(self.second + 0.1, notification(agent_id, outcome))
        self.second += 3
        if fate == "resumed":
            self._resume(agent_id, took)

    def _resume(self, agent_id: str, took: float) -> None:
        call_id, at = f"toolu_{self._next()}", self.second
        self._call(at, call_id, "SendMessage")
        self.lines += returned(at + 0.02, call_id, {"success": True, "resumedAgentId": agent_id}, "SendMessage")
        self._run(at + 0.03, agent_id, took)
        self.second = at + took + 1
        self._answer(agent_id)

    def _interrupt(self, call_id: str, agent_id: str) -> None:
        at = self.second
        rejected = answered(at, call_id, error=INTERRUPTED, toolDenialKind="interrupted")
        self.lines += [rejected, self._message(at, agent_id, INTERRUPTED)]
        self.second = at + 0.2
        self.prompt("prompt")

    def _run(self, at: float, agent_id: str, took: float) -> None:
        """The start of a run with a call, which has no end if the run is short."""
        call_id, fields = f"toolu_{self._next()}", {"agent_id": agent_id, **EXPLORE}
        call: dict[str, object] = {"tool_name": "Read", "tool_use_id": call_id, "tool_input": {}, **fields}
        self.lines += [
            self._message(at, agent_id, "please"),
            hook(at + 0.005, "SubagentStart", **fields),
            self._says(at + 0.1, agent_id, {"type": "tool_use", "id": call_id, "name": "Read"}, "tool_use"),
            hook(at + 0.1, "PreToolUse", **call),
        ]
        if took > 1:
            result = result_line(call_id, second=at + took, **_side(agent_id))
            self.lines += [
                hook(at + took, "PostToolUse", **call), Written(at + took, _file(agent_id), result),
            ]  # fmt: skip

    def _answer(self, agent_id: str, *, failed: bool = False) -> None:
        """The last answer of a sub-agent."""
        fields = {"isApiErrorMessage": True} if failed else {}
        name = "StopFailure" if failed else "SubagentStop"
        self.lines += [
            self._says(self.second, agent_id, {"type": "text", "text": "done"}, "end_turn", **fields),
            hook(self.second + 0.05, name, agent_id=agent_id, **EXPLORE),
        ]
        self.second += 0.1

    def _stop(self, task: str) -> None:
        call_id, at = f"toolu_{self._next()}", self.second
        self._call(at, call_id, "TaskStop", {"task_id": task})
        self.lines += returned(at + 0.1, call_id, {"message": "ok", "task_id": task}, "TaskStop", {"task_id": task})
        self.second = at + 0.5

    def _call(self, at: float, call_id: str, tool: str, given: object = None) -> None:
        fields = {"tool_name": tool, "tool_use_id": call_id, "tool_input": given or {"command": call_id}}
        self.lines += [
            self._says(at, "", {"type": "tool_use", "id": call_id, "name": tool}, "tool_use"),
            hook(at, "PreToolUse", **fields, prompt_id=self.turn),
        ]

    def _says(self, at: float, agent_id: str, block: object, reason: str, **fields: Any) -> Written:
        message = {"content": [block], "stop_reason": reason}
        line = assistant_line(self._next(), second=at, message=message, **_side(agent_id), **fields)
        return Written(at, _file(agent_id), line)

    def _message(self, at: float, agent_id: str, text: str) -> Written:
        return Written(at, _file(agent_id), prompt_line(text, second=at, **_side(agent_id)))

    def _next(self) -> int:
        self.number += 1
        return self.number


def _side(agent_id: str) -> dict[str, Any]:
    return {"isSidechain": True, "agentId": agent_id, "attributionAgent": "Explore"} if agent_id else {}


def _file(agent_id: str) -> str:
    main = f"projects/{SLUG}/{SESSION}"
    return f"{main}/subagents/agent-{agent_id}.jsonl" if agent_id else f"{main}.jsonl"
