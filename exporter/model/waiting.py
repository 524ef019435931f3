"""Sessions that wait for a person, and why."""

from __future__ import annotations

from dataclasses import dataclass

from exporter.model.records import TextEnum


class WaitReason(TextEnum):
    """What a session waits for; the most urgent first."""

    PERMISSION = "permission"  # a call may not run before somebody allows it
    QUESTION = "question"  # the agent, its plan or an MCP server asks something
    IDLE = "idle"  # its turn has ended


@dataclass(frozen=True, slots=True)
class AskedCall:
    """The call of a session that waits for a person: for a permission, or for an answer."""

    reason: WaitReason
    since_us: int
    tool: str
    agent: str
    input: bytes = b""


@dataclass(frozen=True, slots=True)
class Wait:
    """A session that waits for a person. Tool and agent are those of the call that waits; empty if none does."""

    session_id: str
    project: str
    reason: WaitReason
    since_us: int
    tool: str = ""
    agent: str = ""
    input: bytes = b""


@dataclass(frozen=True, slots=True)
class ClaudeProcess:
    """What Claude Code writes about a process of a session, and whether that process runs; None if unknown.

    `status` is `busy`, `waiting`, `idle`, or `shell` (idle, with a command in the background); empty until its first
    turn. `is_headless` without a terminal (`claude -p`, an SDK).
    """

    session_id: str
    is_alive: bool | None
    status: str
    status_us: int
    waiting_for: str
    is_headless: bool
