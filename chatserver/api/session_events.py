"""What happened in a session besides its calls, and the session as a file."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta

from chatserver.api.calls import unknown_session
from chatserver.api.operations import JSON, Operation, Request, described, endpoint, read_query
from chatserver.live.session_logs import may_see
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.hooks_reader import SessionEvents
from exporter.views.resume import resume_command
from exporter.views.session_events import TimelineEvent, events_page, timeline_event
from exporter.views.session_export import FORMATS, SessionExport
from exporter.views.sessions import priced, tool_use
from exporter.views.whole_texts import WholeText, shown_text

NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9_-]")
MAX_FILE_NAME = 64
session_events = Blueprint("session_events", __name__, url_prefix="/api/sessions")


class EventsQuery(Request, frozen=True):
    """A page of events: its size, and where it starts."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000
    cursor: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class ExportQuery(Request, frozen=True):
    """The format of a file."""

    format: Literal["json", "csv", "markdown"] = "json"


class EventList(msgspec.Struct, frozen=True):
    """A page of the events of a session in chronological order; `next_cursor` is for the next page.

    `resume` is the command that resumes the session; empty if its transcript does not show where it was started.
    """

    session_uuid: str
    events: list[TimelineEvent]
    next_cursor: int | None
    resume: str


@session_events.get("/<session_uuid>/events")
@endpoint(Operation("List the events of a session", EventList, query=EventsQuery, problems=(404,)))
def show_events(session_uuid: str, query: EventsQuery) -> EventList:
    """Prompts, answers, waits for permission, compactions, API errors and fallbacks, their texts redacted."""
    found = _events_of(session_uuid)
    page = offload(lambda: events_page(found.events, found.project, query.cursor, query.limit))
    resume = resume_command(session_uuid, *found.started_in)
    return EventList(session_uuid, page.items, page.next_cursor, resume)


@session_events.get("/<session_uuid>/events/<event_id>/text")
@endpoint(Operation("Get the whole text of an event", WholeText, problems=(404,)))
def show_text(session_uuid: str, event_id: str) -> WholeText:
    """A prompt, or an answer with all of its texts, redacted; of more than 100,000 characters, the start."""
    found = None
    if may_see(session_uuid, services().manager, current_viewer()):
        found = services().hooks_reader.get_whole_text(session_uuid, event_id)
    if found is None:
        raise Problem(404, "There is no such event.")
    return offload(partial(shown_text, found))


@session_events.get("/<session_uuid>/export")
@described(
    Operation(
        "Download a session as a file",
        dict[str, Any],
        query=ExportQuery,
        problems=(404,),
        also={FORMATS[name].media_type: str for name in ("csv", "markdown")},
    )
)
def show_export(session_uuid: str) -> Response:
    """Its calls, events and API requests, redacted."""
    chosen = FORMATS[read_query(ExportQuery, request.args).format]
    events = _events_of(session_uuid)
    found = services().hooks_reader.get_session_calls(session_uuid)
    if found is None:
        raise unknown_session()
    aggregator = services().aggregator
    has_transcript = "transcript" in found.summary["witnesses"]
    summary = priced(found.summary, aggregator.get_cost(session_uuid, has_transcript=has_transcript))
    requests = aggregator.get_requests(session_uuid)

    def written() -> str:
        tools = [tool_use(logged, found.project) for logged in found.calls]
        shown = [timeline_event(event, events.project) for event in events.events]
        return chosen.written(SessionExport(summary, tools, shown, requests))

    name = NOT_IN_FILE_NAMES.sub("_", session_uuid)[:MAX_FILE_NAME]
    disposition = f'attachment; filename="session-{name}.{chosen.ending}"'
    charset = "" if chosen.media_type == JSON else "; charset=utf-8"
    return Response(
        offload(written), content_type=f"{chosen.media_type}{charset}", headers={"Content-Disposition": disposition}
    )


def _events_of(session_uuid: str) -> SessionEvents:
    """The unredacted events of a session. Raises Problem if it has no files, or the viewer may not see it."""
    found = None
    if may_see(session_uuid, services().manager, current_viewer()):
        found = services().hooks_reader.get_session_events(session_uuid)
    if found is None:
        raise unknown_session()
    return found
