"""The headers of every response: what a browser may do with it, and which other origins may read it."""

from __future__ import annotations

from flask import Flask, Request, Response, request

from chatserver.services import services
from chatserver.web.origins import Origins

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# The headers that pages of other origins may send and read.
SENT = "Authorization, Content-Type, Last-Event-ID, X-CSRF-Token"
READ = "Retry-After"
PREFLIGHT_SECONDS = "600"


def install(app: Flask) -> None:
    """Add the headers to every response of the app."""
    app.after_request(_complete)


def _complete(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Security-Policy"] = PAGE if response.mimetype == "text/html" else NOTHING
    _share(response, request, services().origins)
    return response


def _share(response: Response, shared: Request, origins: Origins) -> None:
    """Allow pages of allowed origins to read the response, with cookies (CORS)."""
    response.vary.add("Origin")
    origin = shared.headers.get("Origin")
    if origin is None or not origins.allows_page(origin, shared.headers.get("Host", "")):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Expose-Headers"] = READ
    if shared.method == "OPTIONS" and "Access-Control-Request-Method" in shared.headers and response.allow:
        response.headers["Access-Control-Allow-Methods"] = response.allow.to_header()
        response.headers["Access-Control-Allow-Headers"] = SENT
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
