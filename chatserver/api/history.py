"""The figures of any range of time over HTTP."""

from __future__ import annotations

from flask import Blueprint

from chatserver.api.operations import Moment, MomentOrEmpty, Operation, Request, endpoint
from chatserver.api.ranges import time_range
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.model.clock import now_us
from exporter.snapshot.history import History

history = Blueprint("history", __name__)


class HistoryQuery(Request, frozen=True):
    """A range of time: `7d`, `12h` or a date; an end that is a date includes that day."""

    since: Moment = "24h"
    until: MomentOrEmpty = ""


@history.get("/api/history")
@endpoint(Operation("Get the figures of a range of time", History, query=HistoryQuery, problems=(503,)))
def show_history(query: HistoryQuery) -> History:
    """Tool calls, errors, costs and ended tasks of all users; of the past, as far back as the ledger goes."""
    since_us, until_us = time_range(query.since, query.until)
    end_us = min(now_us(), until_us or now_us())
    recent, figures = services().aggregator.get_recent_figures(since_us, end_us), services().figure_history
    return offload(lambda: figures.figures(recent, min(since_us, end_us - 1), end_us))
