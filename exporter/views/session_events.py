"""The events of a session as JSON, with secrets redacted, by the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from exporter.model.clock import iso, iso_or_none
from exporter.model.session_events import EventKind, SessionEvent
from exporter.model.text import encodable, shortened
from exporter.views.pages import Page, page_of
from exporter.views.redaction import redact_text
from exporter.views.requests import request_id
from exporter.views.sessions import parameters
from exporter.views.subjects import subject

MAX_TEXT = 2_000


class TimelineEvent(TypedDict):
    """An event of a session. `kind` is `prompt`, `answer`, `permission`, `compaction`, `api_error` or `fallback`.

    `text` is redacted, and has at most 2,000 characters: the prompt, the first text of the answer (empty if it only
    thinks or calls tools), the `subject` of the call that waits for permission, the sizes of the context, the error, or
    the two models. `detail` says who submitted a prompt, what triggered a compaction or a fallback, whether a request
    was `retried` or `abandoned`, and how the call ended that waited. `until` is the end of the wait, None if it is
    unknown. `request` is the id of the API request that an answer is of. `id` names the event in its session.
    """

    id: str
    at: str
    until: str | None
    kind: str
    agent: str
    agent_id: str
    tool: str
    text: str
    detail: str
    request: str


def events_page(events: Sequence[SessionEvent], project: str, cursor: int, limit: int) -> Page[TimelineEvent]:
    """The page of the events in the project with this path that begins at the cursor."""
    return page_of(events, lambda event: timeline_event(event, project), cursor, limit)


def timeline_event(event: SessionEvent, project: str) -> TimelineEvent:
    """The JSON object of an event in the project with this path."""
    waits = event.kind is EventKind.PERMISSION
    text = subject(event.tool, parameters(event.input), project) if waits else redact_text(encodable(event.text))
    return {
        "id": event.id,
        "at": iso(event.time_us),
        "until": iso_or_none(event.until_us),
        "kind": event.kind.value,
        "agent": encodable(event.agent),
        "agent_id": encodable(event.agent_id),
        "tool": encodable(event.tool),
        "text": shortened(text, MAX_TEXT),
        "detail": redact_text(encodable(event.detail)),
        "request": request_id(event.request) if event.request else "",
    }
