"""The sessions of hook logs and transcripts over HTTP, parameters redacted."""

from __future__ import annotations

from operator import itemgetter
from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import Meta

from chatserver.api.calls import CallsQuery, SessionCalls, unknown_session
from chatserver.api.operations import Operation, Request, endpoint
from chatserver.live.session_logs import may_see, visible_sessions
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.model.clock import now_us
from exporter.model.sessions import WINDOW_US
from exporter.views.calls_page import calls_page
from exporter.views.requests import RequestSpent
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import PricedSession, priced

MAX_REQUESTS = 5000
sessions = Blueprint("sessions", __name__, url_prefix="/api/sessions")


class SessionQuery(Request, frozen=True):
    """A page of sessions: its size, where it starts, and how many days it goes back."""

    days: Annotated[int, Meta(ge=1, le=3650)] = 1
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200
    cursor: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0


class SessionList(msgspec.Struct, frozen=True):
    """A page of the sessions of the last 24 hours, or more days, newest first; `next_cursor` is for the next page."""

    sessions: list[PricedSession]
    next_cursor: int | None


class SessionRequests(msgspec.Struct, frozen=True):
    """The API requests of a session, in order of time; empty where its transcript is not known."""

    session_uuid: str
    requests: list[RequestSpent]


@sessions.get("")
@endpoint(Operation("List the sessions of the last 24 hours, or more days", SessionList, query=SessionQuery))
def list_sessions(query: SessionQuery) -> SessionList:
    """All sessions for admins, those of their tasks for users; those older than 24 hours come from the ledger."""
    recent = services().aggregator.get_all_sessions()
    listed = _with_older(recent, query.days) if query.days > 1 else recent
    found = visible_sessions(listed, services().manager, current_viewer())
    end = query.cursor + query.limit
    return SessionList(found[query.cursor : end], end if end < len(found) else None)


@sessions.get("/<session_uuid>")
@endpoint(Operation("Get a session and its tool calls", SessionCalls, query=CallsQuery, problems=(404,)))
def show_session(session_uuid: str, query: CallsQuery) -> SessionCalls:
    """A session, however old it is, from the ledger alone if its files are deleted."""
    if not may_see(session_uuid, services().manager, current_viewer()):
        raise unknown_session()
    found, remembered = services().hooks_reader.get_session_calls(session_uuid), services().remembered
    record = offload(lambda: remembered.record(session_uuid, files=found is not None))
    if found is None:
        return _deleted(record)
    page = offload(lambda: calls_page(found.calls, query.cursor, query.limit))
    cost_usd = services().aggregator.get_cost(session_uuid)
    return SessionCalls(priced(found.summary, cost_usd), page.calls, page.next_cursor, record)


@sessions.get("/<session_uuid>/requests")
@endpoint(Operation("List the API requests of a session", SessionRequests, problems=(404,)))
def show_requests(session_uuid: str) -> SessionRequests:
    """A session's API requests with tokens and cost; of more than 5,000, the newest."""
    if not may_see(session_uuid, services().manager, current_viewer()):
        raise unknown_session()
    found = services().aggregator.get_requests(session_uuid)
    return SessionRequests(session_uuid, found[-MAX_REQUESTS:])


def _with_older(recent: list[PricedSession], days: int) -> list[PricedSession]:
    """The sessions of the last 24 hours and those of more days, which the ledger remembers."""
    known, remembered = {session["session_uuid"] for session in recent}, services().remembered
    older = offload(lambda: remembered.since(now_us() - days * WINDOW_US))
    all_of_them = (*recent, *(session for session in older if session["session_uuid"] not in known))
    return sorted(all_of_them, key=itemgetter("last_activity_at"), reverse=True)


def _deleted(record: SessionRecord | None) -> SessionCalls:
    """A session whose files are deleted. Raises Problem if the ledger does not remember it either."""
    if record is None:
        raise unknown_session()
    return SessionCalls({key: record[key] for key in PricedSession.__annotations__}, [], None, record)  # type: ignore[arg-type, literal-required] # the keys of a TypedDict
