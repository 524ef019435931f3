"""The sessions that wait for a person, as they are shown: with what is asked, redacted and shortened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

import msgspec

from exporter.model.clock import iso
from exporter.model.text import encodable, label_value, shortened
from exporter.model.waiting import Wait, WaitReason
from exporter.views.redaction import redact

MAX_WAITING = 300
MAX_TEXT = 300
# The fields of a call's input that say what it is about, in order of precedence.
TEXT_FIELDS = ("command", "file_path", "notebook_path", "url", "query", "pattern", "path", "plan", "skill", "prompt")
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class WaitingNow(TypedDict):
    """A session that waits for a person, and since when.

    The reason is `permission`, `question`, or `idle` if its turn has ended. `tool`, `agent` and `text` are those of the
    call that waits, such as the command or the question; empty if none does. The text is redacted and shortened.
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
        "text": shortened(encodable(_text(wait.input)), MAX_TEXT),
    }


def _text(raw: bytes) -> str:
    """What a call with this input is about; empty if its input does not say."""
    try:
        given = redact(msgspec.json.decode(raw)) if raw else None
    except UNDECODABLE:
        return ""
    if not isinstance(given, dict):
        return ""
    texts = [_first_question(given.get("questions")), *(given.get(name) for name in TEXT_FIELDS)]
    return next((text for text in texts if isinstance(text, str) and text), "")


def _first_question(questions: Any) -> Any:
    first = questions[0] if isinstance(questions, list) and questions else None
    return first.get("question") if isinstance(first, dict) else None
