"""The list of sessions of any age over HTTP."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

import msgspec
from flask import Blueprint
from msgspec import Meta

from chatserver.api.invalid_requests import WITHOUT_NUL
from chatserver.api.operations import Moment, MomentOrEmpty, Operation, Request, endpoint
from chatserver.api.ranges import time_range
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.ledger.session_pages import TEXT_SORTS, After, PageOf, SessionFilter, SessionTotals, Sort
from exporter.model.money import PICODOLLARS, dollars_or_none
from exporter.views.session_list import ListedSession

MAX_LIMIT = 1000
Text = Annotated[str, Meta(max_length=1000, pattern=WITHOUT_NUL)]
session_list = Blueprint("session_list", __name__)
CURSORS = msgspec.json.Decoder(After)


class SessionNamesQuery(Request, frozen=True):
    """A range of time: `7d`, `12h` or a date; an end that is a date includes that day."""

    since: Moment = "24h"
    until: MomentOrEmpty = ""


class SessionQuery(SessionNamesQuery, frozen=True):
    """Which sessions, in which order, and a page of them. In names, `*` is any text.

    Without `order`, texts are in ascending order, all else in descending order.
    """

    project: Text | None = None
    model: Text | None = None
    agent: Text | None = None
    status: Literal["active", "idle", "completed"] | None = None
    failed: bool | None = None
    min_cost_usd: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    text: Text = ""
    sort: Sort = "last_activity"
    order: Literal["asc", "desc"] | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 200
    cursor: Annotated[str, Meta(max_length=2000)] = ""


class SessionSums(msgspec.Struct, frozen=True):
    """The sums over sessions. The cost is null if that of all is unknown; `unknown_costs` is how many these are.

    `unpriced_tokens` are those of models without a known price, whose cost is not in it.
    """

    sessions: int
    calls: int
    failed: int
    tokens: int
    cost_usd: float | None
    unknown_costs: int
    unpriced_tokens: int


class SessionList(msgspec.Struct, frozen=True):
    """A page of sessions; `next_cursor` is for the next page. Only the first page has the sums over all of them."""

    sessions: list[ListedSession]
    next_cursor: str | None
    total: SessionSums | None


class SessionNames(msgspec.Struct, frozen=True):
    """The names by which sessions can be selected."""

    projects: list[str]
    models: list[str]
    agents: list[str]


@session_list.get("/api/sessions")
@endpoint(Operation("List sessions", SessionList, query=SessionQuery, problems=(404, 503)))
def list_sessions(query: SessionQuery) -> SessionList:
    """All sessions for admins, those of their tasks for users; those that are deleted come from the ledger."""
    unread, history = services().aggregator.get_unread(), services().history
    wanted, page = _filter(query), _page(query)
    found = offload(lambda: history.page(unread, wanted, page))
    return SessionList(found.sessions, _cursor(found.next), _sums(found.totals))


@session_list.get("/api/session_names")
@endpoint(
    Operation(
        "List the projects, models and agents of sessions", SessionNames, query=SessionNamesQuery, problems=(503,)
    )
)
def list_names(query: SessionNamesQuery) -> SessionNames:
    """The names of the sessions that the viewer may see."""
    unread, history = services().aggregator.get_unread(), services().history
    since_us, until_us = time_range(query.since, query.until)
    wanted = SessionFilter(since_us=since_us, until_us=until_us, ids=visible_ids())
    return SessionNames(*offload(lambda: history.names(unread, wanted)))


def _filter(query: SessionQuery) -> SessionFilter:
    since_us, until_us = time_range(query.since, query.until)
    return SessionFilter(
        since_us=since_us,
        until_us=until_us,
        project=query.project,
        model=query.model,
        agent=query.agent,
        status=query.status,
        failed=query.failed,
        min_cost=None if query.min_cost_usd is None else round(query.min_cost_usd * PICODOLLARS),
        text=query.text or None,
        ids=visible_ids(),
    )


def visible_ids() -> list[str] | None:
    """The sessions that the viewer may see; None means all."""
    viewer = current_viewer()
    return None if viewer.is_admin else sorted(services().manager.session_uuids(viewer))


def _page(query: SessionQuery) -> PageOf:
    descending = query.order == "desc" if query.order else query.sort not in TEXT_SORTS
    return PageOf(sort=query.sort, is_descending=descending, limit=query.limit, after=_after(query.cursor))


def _after(cursor: str) -> After | None:
    """The place that a cursor names. Raises Problem."""
    if not cursor:
        return None
    try:
        return CURSORS.decode(base64.urlsafe_b64decode(cursor.encode()))
    except (msgspec.DecodeError, binascii.Error, ValueError) as error:
        raise Problem(404, "No page of sessions has this `cursor`; start again without one.") from error


def _cursor(after: After | None) -> str | None:
    return base64.urlsafe_b64encode(msgspec.json.encode(after)).decode() if after else None


def _sums(totals: SessionTotals | None) -> SessionSums | None:
    if totals is None:
        return None
    return SessionSums(
        totals.sessions, totals.calls, totals.failed, totals.tokens, dollars_or_none(totals.cost),
        totals.unknown_costs, totals.unpriced_tokens,
    )  # fmt: skip
