"""The web pages and their files. They need no login; the data that they request does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from chatserver.middleware.errors import DETAILS, MEDIA_TYPE, Problem
from chatserver.middleware.gate import public
from chatserver.services import services
from chatserver.storage.unavailable import UNAVAILABLE
from chatserver.web.built_files import BuiltFile
from chatserver.web.theme import theme_of

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 48 48' fill='%23c2571f'%3E"
    "%3Cg fill='none' stroke-width='5' stroke-linecap='round'%3E"
    "%3Cpath stroke='%238a877d' d='M9 36a19 19 0 1 1 30 0'/%3E"
    "%3Cpath stroke='%23c2571f' d='M24 27 34 15'/%3E%3C/g%3E%3Ccircle cx='24' cy='27' r='4'/%3E%3C/svg%3E"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path, the name of its files, and its title."""

    path: str
    name: str
    title: str


PAGES = (Page("/", "dashboard", "Agents"), Page("/chat", "chat", "Chat"))
NO_PAGES = ("/api/", "/static/")
NAMES = ",".join(page.name for page in PAGES)

pages = Blueprint("pages", __name__, template_folder="../templates")


@pages.get(f"/static/<any({NAMES}):page>/<name>")
@public
def show_file(page: str, name: str) -> Response:
    """A script, a style or a licence of a page, compressed where the client accepts it."""
    files = services().page_files
    return _file_response(files.read_file(page, name), files.cache_control)


def _show(page: Page) -> Callable[[], str]:
    @public
    def show() -> str:
        assets, theme = services().page_files.read_assets(page.name), theme_of(request)
        return render_template(
            "page.html", title=page.title, icon=ICON, theme=theme, registration=_registration(), assets=assets
        )

    return show


def _registration() -> str:
    """Whether accounts can be created: `off`, `on`, or `first` if there is none yet, so that its form comes first."""
    if not services().settings.may_register:
        return "off"
    try:
        return "first" if services().users.is_empty() else "on"
    except UNAVAILABLE:
        return "on"  # pages open without the database, and say that it is away


@pages.app_errorhandler(404)
def show_not_found(_error: NotFound) -> Response:
    """A page for browsers that look for one, a problem document for everyone else."""
    media_type = request.accept_mimetypes.best_match((MEDIA_TYPE, "text/html"))
    if media_type != "text/html" or request.path.startswith(NO_PAGES):
        return Problem(404, DETAILS[404]).response()
    assets = services().page_files.read_assets("dashboard")
    return Response(render_template("not_found.html", icon=ICON, theme=theme_of(request), assets=assets), 404)


for _page in PAGES:
    pages.add_url_rule(_page.path, _page.name, _show(_page))


def _file_response(found: BuiltFile | None, cache_control: str) -> Response:
    if found is None:
        raise Problem(404, "There is no such file; reload the page, which may have a new version.")
    accepts_gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(found.gzipped if accepts_gzip else found.content, content_type=found.media_type)
    if accepts_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache_control
    return response
