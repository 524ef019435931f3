"""How long people kept sessions waiting in any range of time, over HTTP."""

from __future__ import annotations

from flask import Blueprint

from chatserver.api.history import HistoryQuery
from chatserver.api.latest_errors import listed_sessions
from chatserver.api.operations import Operation, endpoint
from chatserver.api.ranges import time_range
from chatserver.api.session_list import visible_ids
from chatserver.services import services
from exporter.ledger.session_pages import SessionFilter
from exporter.model.clock import now_us
from exporter.snapshot.waits_of_range import RangeWaits

waits = Blueprint("waits", __name__)


@waits.get("/api/waits")
@endpoint(
    Operation(
        "Get how long sessions waited for people in a range of time", RangeWaits, query=HistoryQuery, problems=(503,)
    )
)
def show_waits(query: HistoryQuery) -> RangeWaits:
    """Waits for permissions, which hooks report, and for answers to questions, in sessions that the viewer may see."""
    since_us, until_us = time_range(query.since, query.until)
    wanted = SessionFilter(since_us=since_us, until_us=until_us, ids=visible_ids())
    return services().waits.figures(listed_sessions(wanted), since_us, until_us or now_us())
