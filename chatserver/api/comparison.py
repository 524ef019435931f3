"""The figures of a range of time, and of the time before it, over HTTP."""

from __future__ import annotations

from flask import Blueprint

from chatserver.api.history import HistoryQuery
from chatserver.api.operations import Operation, endpoint
from chatserver.api.ranges import time_range
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.model.clock import now_us
from exporter.snapshot.comparison import ComparedSpan, Comparison

comparison = Blueprint("comparison", __name__)


@comparison.get("/api/comparison")
@endpoint(Operation("Compare a range of time with the one before it", Comparison, query=HistoryQuery, problems=(503,)))
def show_comparison(query: HistoryQuery) -> Comparison:
    """Cost, tokens, calls, failed calls and error rate of all users, in the range and as long before it."""
    since_us, until_us = time_range(query.since, query.until)
    end_us = min(now_us(), until_us or now_us())
    span = ComparedSpan.of(min(since_us, end_us - 1), end_us)
    figures = services().figure_history
    recent, tokens = services().aggregator.get_compared_figures(span)
    return offload(lambda: figures.compared(recent, span, tokens))
