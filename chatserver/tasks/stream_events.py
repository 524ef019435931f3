"""The events in the output of Claude Code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exporter.hooks.hookmeter_statusline import Windows
from exporter.model.records import Outcome


@dataclass(frozen=True, slots=True)
class TextWritten:
    """More text of the main conversation."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolInUse:
    """The tool that the main conversation runs from now on; None where it runs none."""

    tool: str | None


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The API has answered for the first time, so the session can be continued."""

    session_uuid: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The share of the work that is done, from 0 to 1."""

    share: float


@dataclass(frozen=True, slots=True)
class ApiRetry:
    """The API refused a request, and Claude Code retries."""

    attempt: int
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class QuotasReported:
    """The quotas of a subscription, as of the latest response of the API."""

    windows: Windows


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a turn as Claude Code reports it. An error of the API has the kind "success", too.

    `denied` are the tools that were denied in this turn or before, `reason` is why it ended.
    """

    kind: str
    failed: bool
    text: str
    denied: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A tool call; `agent` is main, or the type of the sub-agent that makes it."""

    call_id: str
    tool: str
    given: Mapping[str, Any]
    agent: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The end of a call; its `text` is the error, if there was one."""

    call_id: str
    outcome: Outcome
    text: str = ""


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The usage of an API message so far."""

    message_id: str
    model: str
    usage: Mapping[str, Any]
    agent: str


Event = (
    TextWritten
    | ToolInUse
    | SessionStarted
    | Progress
    | ApiRetry
    | QuotasReported
    | CallStarted
    | CallEnded
    | UsageReported
    | Result
)
