"""A synthetic session in which everything happens that a timeline shows, as hooks and Claude Code write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.synthetic_logs import SECOND_US, append, event, iso
from tests.support.transcript_lines import usage

EVENTFUL = "0e5f1b7a-3c56-4f0e-9d11-2a7f5f0c1e01"
PROJECT = "/home/you/web shop"
SECRET = "hunter2hunter2"
PROMPT = f"The total of the cart is wrong when a coupon is used. Find out why.\nThe password is {SECRET}."
MODEL = "claude-opus-5-5"
EXPLORER: dict[str, str] = {"agent_id": "a1", "agent_type": "Explore"}
RATES = "shop/rates.py"  # within the project, as it is shown
SUBJECTS = (
    "rg -n 'def total' shop", "Find where totals are rounded", "round\\( in shop", RATES, RATES,
    "make test", "git push --force",
)  # fmt: skip


@dataclass
class Writer:
    """Writes the hooks and the transcript of the session; all times are seconds since its start."""

    logs: Path
    projects: Path
    at_us: int
    session: str = EVENTFUL
    project: str = PROJECT
    number: int = 0

    def hook(self, second: float, name: str, **fields: Any) -> None:
        event(self.logs, self.session, name, self._us(second), project_dir=self.project, **fields)

    def line(self, second: float, fields: Mapping[str, Any], agent_id: str = "") -> None:
        """Append a line to the transcript of the main agent, or of a sub-agent."""
        self.number += 1
        line = {
            "isSidechain": bool(agent_id), "cwd": self.project, "sessionId": self.session, "version": "2.1.332",
            "timestamp": iso(self._us(second)), "uuid": f"{self.session}-{self.number}", **fields,
        }  # fmt: skip
        slug = self.projects / self.project.replace("/", "-").replace(" ", "-")
        path = (
            slug / self.session / "subagents" / f"agent-{agent_id}.jsonl"
            if agent_id
            else slug / f"{self.session}.jsonl"
        )
        append(path, line)

    def prompt(self, second: float, text: str) -> None:
        self.hook(second, "UserPromptSubmit", prompt=text)
        self.line(second + 0.05, {"type": "user", "message": {"role": "user", "content": text}})

    def answer(
        self, second: float, text: str = "", *uses: Mapping[str, Any], agent: Mapping[str, str] | None = None
    ) -> None:
        """Write a message: a line for each block, all with the same usage."""
        content = [{"type": "text", "text": text}] if text else []
        name, who = f"{self.session[:8]}_{self.number}", agent or {}
        for block in (*content, *({"type": "tool_use", **use} for use in uses)):
            message = {
                "id": f"msg_{name}", "model": MODEL, "content": [block],
                "usage": usage(9, 350, read=41_000 + 700 * self.number, five=900),
            }  # fmt: skip
            fields: dict[str, Any] = {"type": "assistant", "requestId": f"req_{name}", "message": message}
            if who:
                fields |= {"agentId": who["agent_id"], "attributionAgent": who["agent_type"]}
            self.line(second, fields, who.get("agent_id", ""))

    def call(
        self, second: float, took: float, tool: str, given: Mapping[str, Any], *, text: str = "", error: str = "",
        agent: Mapping[str, str] | None = None, permission: float = 0, response: object = "ok",
    ) -> None:  # fmt: skip
        """Write the message that makes a call, and its hooks; `permission` are the seconds that it waited before."""
        call_id, who = f"toolu_{self.session[:8]}_{self.number}", agent or {}
        self.answer(second - 0.4, text, {"id": call_id, "name": tool, "input": given}, agent=agent)
        common: dict[str, Any] = {"tool_name": tool, "tool_input": given, **who}
        self.hook(second, "PreToolUse", **common, tool_use_id=call_id)
        if permission:
            self.hook(second + 0.01, "PermissionRequest", **common)
        end = {"error": error} if error else {"tool_response": response}
        self.hook(
            second + permission + took, "PostToolUseFailure" if error else "PostToolUse", **common,
            tool_use_id=call_id, duration_ms=round(took * 1000), **end,
        )  # fmt: skip

    def _us(self, second: float) -> int:
        return self.at_us + round(second * SECOND_US)


def write_eventful_session(logs: Path, projects: Path, at_us: int) -> None:
    """Write the session: a prompt, a sub-agent, a wait for permission, failures, a compaction, and a denied call."""
    to = Writer(logs, projects, at_us)
    to.hook(0, "SessionStart", source="startup")
    to.prompt(1, PROMPT)
    to.call(5, 0.2, "Bash", {"command": SUBJECTS[0]}, text="I start with the places where totals are computed.")
    explore = {"subagent_type": "Explore", "description": SUBJECTS[1], "prompt": "Find where totals are rounded."}
    to.call(9, 0.02, "Agent", explore, response={"status": "async_launched", "agentId": "a1"})
    to.hook(9.1, "SubagentStart", **EXPLORER)
    to.call(11, 0.3, "Grep", {"pattern": "round\\(", "path": "shop"}, agent=EXPLORER)
    to.call(14, 0.05, "Read", {"file_path": f"{PROJECT}/{RATES}"}, agent=EXPLORER)
    to.answer(17, "Totals are rounded before the coupon is applied.", agent=EXPLORER)
    to.hook(17.5, "SubagentStop", **EXPLORER)
    _fail_request(to, 19)
    edit = {"file_path": f"{PROJECT}/{RATES}", "old_string": "round(x)", "new_string": "x"}
    to.call(22, 0.1, "Edit", edit, text="Found it:")
    to.call(26, 8, "Bash", {"command": SUBJECTS[5]}, permission=12, error="Exit code 2\nmake: *** [test] Error 1")
    to.line(50, {"type": "system", "subtype": "compact_boundary", "compactMetadata": {
        "trigger": "auto", "preTokens": 155_000, "postTokens": 21_000}})  # fmt: skip
    to.hook(49, "PreCompact", trigger="auto")
    to.answer(55, "The total is right now:\n\n- `shop/rates.py` rounds last\n- the tests pass")
    push: dict[str, Any] = {"tool_name": "Bash", "tool_input": {"command": SUBJECTS[6]}}
    to.prompt(60, "Push it")
    to.answer(63.6, "", {"id": "toolu_push", "name": "Bash", "input": push["tool_input"]})
    to.hook(64, "PreToolUse", **push, tool_use_id="toolu_push")
    to.hook(64.01, "PermissionRequest", **push)
    to.hook(70, "PermissionDenied", **push, tool_use_id="toolu_push", reason="not now")
    to.hook(71, "Stop")


def _fail_request(to: Writer, second: float) -> None:
    """Write a failed request that is retried, and the switch to another model."""
    error = {"status": 529, "requestId": "req_failed"}
    to.line(second, {"type": "system", "subtype": "api_error", "error": error, "retryInMs": 600})
    models = {"originalModel": MODEL, "fallbackModel": "claude-haiku-5-5", "trigger": "overloaded"}
    to.line(second + 1, {"type": "system", "subtype": "model_fallback", **models})
