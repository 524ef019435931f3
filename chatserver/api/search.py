"""Search in what was said and done, limited to the sessions that the viewer may see."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint
from msgspec import Meta

from chatserver.api.invalid_requests import WITHOUT_NUL
from chatserver.api.operations import MomentOrEmpty, Operation, Request, endpoint
from chatserver.api.ranges import time_range
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_viewer
from chatserver.services import services
from chatserver.threads.offload import offload
from exporter.search.index_file import SearchIndexError
from exporter.search.view import SearchPage, SearchRequest, search_page
from exporter.search.words import SearchWordsError

OFF = "Search is switched off on this server (--no-search or HOOKMETER_NO_SEARCH)."
search = Blueprint("search", __name__, url_prefix="/api/search")


class SearchQuery(Request, frozen=True):
    """The words and filters, a span of time such as 7d or a date, and a page."""

    q: Annotated[
        str,
        Meta(
            max_length=500,
            pattern=WITHOUT_NUL,
            description="Words, among them one with a letter or a digit.",
            extra_json_schema={"allOf": [{"pattern": "[A-Za-z0-9]"}], "minLength": 1, "examples": ["deploy"]},
        ),
    ]
    since: MomentOrEmpty = ""
    until: MomentOrEmpty = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[int, Meta(ge=0, le=10_000)] = 0


@search.get("")
@endpoint(
    Operation(
        "Search prompts, commands, file paths, errors and answers",
        SearchPage,
        query=SearchQuery,
        problems=(400, 404, 503),
    )
)
def find(query: SearchQuery) -> SearchPage:
    """A page of results, best first: in all sessions for admins, in those of their tasks for users."""
    exporter = services().settings.exporter
    if exporter.no_search:
        raise Problem(404, OFF)
    viewer = current_viewer()
    sessions = None if viewer.is_admin else services().manager.session_uuids(viewer)
    since_us, until_us = time_range(query.since, query.until)
    try:
        request = SearchRequest(query.q, sessions, since_us, until_us, query.limit, query.cursor)
        page = offload(lambda: search_page(exporter.data_dir, request))
    except SearchWordsError as error:
        raise Problem(400, str(error)) from None
    except SearchIndexError as error:
        raise Problem(503, str(error)) from None
    services().search_index.update_after(page)
    return page
