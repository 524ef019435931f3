"""The latest failed tool calls of any range of time over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from flask import Blueprint

from chatserver.api.history import HistoryQuery
from chatserver.api.operations import Operation, endpoint
from chatserver.api.ranges import time_range
from chatserver.api.session_list import visible_ids
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.ledger.session_pages import PageOf, SessionFilter
from exporter.model.clock import now_us
from exporter.snapshot.errors_of_range import ErrorList
from exporter.views.session_list import ListedSession

PAGE_SIZE = 50
latest_errors = Blueprint("latest_errors", __name__)


@latest_errors.get("/api/errors")
@endpoint(
    Operation("List the latest failed tool calls of a range of time", ErrorList, query=HistoryQuery, problems=(503,))
)
def list_errors(query: HistoryQuery) -> ErrorList:
    """The 30 newest, of the sessions that the viewer may see, with redacted texts."""
    since_us, until_us = time_range(query.since, query.until)
    wanted = SessionFilter(since_us=since_us, until_us=until_us, failed=True, ids=visible_ids())
    return services().errors.latest(listed_sessions(wanted), since_us, until_us or now_us())


def listed_sessions(wanted: SessionFilter) -> Iterator[ListedSession]:
    """The sessions that a filter selects, newest first, by the page."""
    unread, history = services().aggregator.get_unread(), services().history
    page = PageOf(limit=PAGE_SIZE)
    while True:
        found = offload(partial(history.page, unread, wanted, page))
        yield from found.sessions
        if found.next is None:
            break
        page = PageOf(limit=PAGE_SIZE, after=found.next)
