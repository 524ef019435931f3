"""The sessions that wait for a person, as they are shown: with what is asked, redacted and shortened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from exporter.model.clock import iso
from exporter.model.text import encodable, label_value
from exporter.model.waiting import Wait, WaitReason
from exporter.views.sessions import parameters
from exporter.views.subjects import subject

MAX_WAITING = 300


class WaitingNow(TypedDict):
    """A session that waits for a person, and since when.

    The reason is `permission`, `question`, or `idle` if its turn has ended. `tool`, `agent` and `text` are those of the
    call that waits, such as the command or the question (the redacted `subject` of the call); empty if none does.
    """

    session_uuid: str
    project: str
    reason: str
    since: str
    tool: str
    agent: str
    text: str


class TitledWaiting(WaitingNow):
    """A session that waits for a person, with its title, redacted; empty if it has none."""

    title: str


def waiting_now(waits: Iterable[Wait], labels: Mapping[str, str]) -> list[WaitingNow]:
    """The sessions that wait, those with a request first, then those that have waited longest."""
    ordered = sorted(waits, key=lambda wait: (wait.reason is WaitReason.IDLE, wait.since_us, wait.session_id))
    return [_shown(wait, labels) for wait in ordered[:MAX_WAITING]]


def _shown(wait: Wait, labels: Mapping[str, str]) -> WaitingNow:
    return {
        "session_uuid": encodable(wait.session_id),
        "project": encodable(labels.get(wait.project, "")),
        "reason": str(wait.reason),
        "since": iso(wait.since_us),
        "tool": label_value(wait.tool),
        "agent": label_value(wait.agent),
        "text": subject(wait.tool, parameters(wait.input), wait.project),
    }
