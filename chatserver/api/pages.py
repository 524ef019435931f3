"""The web pages and the files that they load. Who looks at a page need not be logged in; what it asks for needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Flask, Response, render_template, request

from chatserver.settings import ServerSettings
from chatserver.web.built_files import Assets, BuiltFile, read_assets, read_file
from chatserver.web.errors import Problem
from chatserver.web.gate import public

FOR_A_YEAR = "public, max-age=31536000, immutable"  # another content has another name
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 48 48' fill='%23c2571f'%3E"
    "%3Cg fill='none' stroke-width='5' stroke-linecap='round'%3E"
    "%3Cpath stroke='%238a877d' d='M9 36a19 19 0 1 1 30 0'/%3E"
    "%3Cpath stroke='%23c2571f' d='M24 27 34 15'/%3E%3C/g%3E%3Ccircle cx='24' cy='27' r='4'/%3E%3C/svg%3E"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it is, what its files are called, and its title."""

    path: str
    name: str
    title: str


PAGES = (Page("/", "dashboard", "Agents"), Page("/chat", "chat", "Chat"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where pages find their files: read once in production, anew for every request in development."""

    assets: Callable[[str], Assets]
    file: Callable[[str, str], BuiltFile | None]
    cache_control: str


def install(app: Flask, settings: ServerSettings) -> None:
    """Put the pages and their files into the app."""
    shelf = _shelf(production=settings.production)
    pages = Blueprint("pages", __name__, template_folder="../templates")
    registration = settings.registration and not settings.production
    for page in PAGES:
        pages.add_url_rule(page.path, page.name, _showing(page, shelf, registration=registration))
    names = ",".join(page.name for page in PAGES)

    @pages.get(f"/static/<any({names}):page>/<name>")
    @public
    def file(page: str, name: str) -> Response:
        return _sent(shelf.file(page, name), shelf.cache_control)

    app.register_blueprint(pages)


def _shelf(*, production: bool) -> Shelf:
    if production:
        return Shelf(cache(read_assets), _kept_files(), FOR_A_YEAR)
    return Shelf(read_assets, read_file, "no-store")


def _kept_files() -> Callable[[str, str], BuiltFile | None]:
    """The files by name; names that there are not are not kept."""
    known: dict[tuple[str, str], BuiltFile] = {}

    def find(page: str, name: str) -> BuiltFile | None:
        found = known.get((page, name)) or read_file(page, name)
        if found:
            known[page, name] = found
        return found

    return find


def _showing(page: Page, shelf: Shelf, *, registration: bool) -> Callable[[], str]:
    @public
    def show() -> str:
        assets = shelf.assets(page.name)
        return render_template("page.html", title=page.title, icon=ICON, registration=registration, assets=assets)

    return show


def _sent(found: BuiltFile | None, cache_control: str) -> Response:
    if found is None:
        raise Problem(404, "There is no such file; the page may have been built anew: load it again.")
    is_gzip_taken = request.accept_encodings.quality("gzip") > 0
    response = Response(found.gzipped if is_gzip_taken else found.content, content_type=found.media_type)
    if is_gzip_taken:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = cache_control
    return response
