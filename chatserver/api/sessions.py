"""The sessions of hook logs and transcripts over HTTP, parameters redacted."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import Meta

from chatserver.api.calls import CallsQuery, SessionCalls
from chatserver.api.operations import Operation, Request, endpoint
from chatserver.live.session_logs import may_see, visible_sessions
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.views.calls_page import calls_page
from exporter.views.requests import RequestSpent
from exporter.views.sessions import PricedSession, priced

MAX_REQUESTS = 5000
sessions = Blueprint("sessions", __name__, url_prefix="/api/sessions")


class SessionQuery(Request, frozen=True):
    """A page of sessions: its size, and where it starts."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 200
    cursor: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class SessionList(msgspec.Struct, frozen=True):
    """A page of the sessions of the last 24 hours, newest first; `next_cursor` is for the next page."""

    sessions: list[PricedSession]
    next_cursor: int | None


class SessionRequests(msgspec.Struct, frozen=True):
    """The API requests of a session, in order of time; empty where its transcript is not known."""

    session_uuid: str
    requests: list[RequestSpent]


@sessions.get("")
@endpoint(Operation("List the sessions of the last 24 hours", SessionList, query=SessionQuery))
def list_sessions(query: SessionQuery) -> SessionList:
    """All sessions for admins, those of their tasks for users."""
    found = visible_sessions(services().aggregator.get_all_sessions(), services().manager, current_viewer())
    end = query.cursor + query.limit
    return SessionList(found[query.cursor : end], end if end < len(found) else None)


@sessions.get("/<session_uuid>")
@endpoint(Operation("Get a session and its tool calls", SessionCalls, query=CallsQuery, problems=(404,)))
def show_session(session_uuid: str, query: CallsQuery) -> SessionCalls:
    """A session, however old it is."""
    found = None
    if may_see(session_uuid, services().manager, current_viewer()):
        found = services().hooks_reader.get_session_calls(session_uuid)
    if found is None:
        raise _unknown()
    page = offload(lambda: calls_page(found.calls, query.cursor, query.limit))
    cost_usd = services().aggregator.get_cost(session_uuid)
    return SessionCalls(priced(found.summary, cost_usd), page.calls, page.next_cursor)


@sessions.get("/<session_uuid>/requests")
@endpoint(Operation("List the API requests of a session", SessionRequests, problems=(404,)))
def show_requests(session_uuid: str) -> SessionRequests:
    """A session's API requests with tokens and cost; of more than 5,000, the newest."""
    if not may_see(session_uuid, services().manager, current_viewer()):
        raise _unknown()
    found = services().aggregator.get_requests(session_uuid)
    return SessionRequests(session_uuid, found[-MAX_REQUESTS:])


def _unknown() -> Problem:
    return Problem(404, "No hook log or transcript names this session, or it is not yours; /api/sessions lists yours.")
