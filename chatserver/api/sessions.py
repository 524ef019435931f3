"""One session over HTTP: its calls, parameters redacted, and its API requests."""

from __future__ import annotations

import msgspec
from flask import Blueprint

from chatserver.api.calls import CallsQuery, SessionCalls, unknown_session
from chatserver.api.operations import Operation, endpoint
from chatserver.live.session_logs import may_see
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.views.calls_page import calls_page
from exporter.views.requests import RequestSpent
from exporter.views.session_records import SessionRecord
from exporter.views.sessions import PricedSession, priced

MAX_REQUESTS = 5000
sessions = Blueprint("sessions", __name__, url_prefix="/api/sessions")


class SessionRequests(msgspec.Struct, frozen=True):
    """The API requests of a session, in order of time; empty where its transcript is not known."""

    session_uuid: str
    requests: list[RequestSpent]


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
    page = offload(lambda: calls_page(found.calls, found.project, query.cursor, query.limit))
    cost = services().aggregator.get_cost(session_uuid, has_transcript="transcript" in found.summary["witnesses"])
    return SessionCalls(priced(found.summary, cost), page.items, page.next_cursor, record)


@sessions.get("/<session_uuid>/requests")
@endpoint(Operation("List the API requests of a session", SessionRequests, problems=(404,)))
def show_requests(session_uuid: str) -> SessionRequests:
    """A session's API requests with tokens and cost; of more than 5,000, the newest."""
    if not may_see(session_uuid, services().manager, current_viewer()):
        raise unknown_session()
    found = services().aggregator.get_requests(session_uuid)
    return SessionRequests(session_uuid, found[-MAX_REQUESTS:])


def _deleted(record: SessionRecord | None) -> SessionCalls:
    """A session whose files are deleted. Raises Problem if the ledger does not remember it either."""
    if record is None:
        raise unknown_session()
    return SessionCalls({key: record[key] for key in PricedSession.__annotations__}, [], None, record)  # type: ignore[arg-type, literal-required] # the keys of a TypedDict
