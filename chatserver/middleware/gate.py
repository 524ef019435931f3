"""The checks before every view: the Host header, the origin, and the token."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, g, request

from chatserver.accounts.token_codec import TokenError
from chatserver.accounts.tokens import Identity
from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.middleware.errors import DETAILS, INVALID_TOKEN, Problem
from chatserver.services import services
from chatserver.web.origins import Origins
from chatserver.web.peer import is_own_account
from exporter.web.hosts import LOOPBACK_HOSTS, host_name, is_loopback

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "is_public"
TOKEN_COOKIE = "hookmeter_token"  # noqa: S105 - its name
CSRF_COOKIE = "hookmeter_csrf"
CSRF_HEADER = "X-CSRF-Token"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
CHALLENGE = {"WWW-Authenticate": "Bearer"}
# Headers that proxies add: a request that came through a proxy may be from another machine.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def install(app: Flask) -> None:
    """Check every request before its view. In development, the account that runs the server reads without a token."""
    app.before_request(_admit)
    app.after_request(_delete_invalid_cookie)


def public(view: View) -> View:
    """Mark a view that needs no token."""
    setattr(view, PUBLIC, True)
    return view


def is_public(view: Callable[..., Any]) -> bool:
    """Whether a view needs no token."""
    return getattr(view, PUBLIC, False)


def current_viewer() -> Viewer:
    """The viewer of the current request."""
    viewer: Viewer = g.viewer
    return viewer


def shown_identity() -> Identity | None:
    """The identity of the request's token; None where none was sent or needed."""
    identity: Identity | None = g.identity
    return identity


def current_identity() -> Identity:
    """The identity of the request's token. Raises Problem where none was sent."""
    identity = shown_identity()
    if identity is None:
        raise Problem(401, "The request has no token; get one at /api/auth/login.", CHALLENGE)
    return identity


def check_socket(checked: Request) -> None:
    """Check the host and origin of a WebSocket handshake, as of every request. Raises Problem."""
    check_place(checked, services().origins)


def check_place(checked: Request, origins: Origins) -> None:
    """Refuse hosts and origins that are not allowed. Raises Problem."""
    host, origin = checked.headers.get("Host", ""), checked.headers.get("Origin")
    if not origins.allows_host(host):
        raise Problem(421, "The Host header is not one of this server's hosts; allow it with --host.")
    if origin is not None and not origins.allows_page(origin, host):
        raise Problem(403, "Pages of this origin may not use the server; allow it with --origin.")


def is_own(checked: Request) -> bool:
    """Whether the request is from the account that runs the server, at this machine and without a proxy."""
    return (
        is_loopback(checked.remote_addr or "")
        and host_name(checked.headers.get("Host", "")) in LOOPBACK_HOSTS
        and not any(name in checked.headers for name in FORWARDED)
        and is_own_account(checked.environ)
    )


def _admit() -> None:
    """Check the request, and set its identity and viewer. Raises Problem."""
    check_place(request, services().origins)
    if "\0" in request.path:
        raise Problem(404, DETAILS[404])  # no name has one, and PostgreSQL cannot even look for it
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.method == "OPTIONS" or request.endpoint == "static" or is_public(view):
        return
    g.identity = _identity()
    g.viewer = g.identity.user.viewer if g.identity else LOCAL_ADMIN


def _identity() -> Identity | None:
    """The identity of the request's token; None where none was sent and none is needed."""
    given = request.authorization
    if given is not None and given.type == "bearer":
        return _verified(given.token or "")
    cookie = request.cookies.get(TOKEN_COOKIE)
    if cookie is not None:
        return _verified_cookie(cookie)
    if services().settings.allows_local_reading and request.method in READS and is_own(request):
        return None
    raise Problem(401, "Log in first: send the token of /api/auth/login as Authorization: Bearer TOKEN.", CHALLENGE)


def _verified_cookie(cookie: str) -> Identity:
    try:
        identity = _verified(cookie)
    except Problem:
        g.has_invalid_cookie = True
        raise
    expected = services().tokens.csrf_token(identity.jti).encode()
    if request.method not in READS and not hmac.compare_digest(_csrf_sent(), expected):
        raise Problem(
            403,
            f"The header {CSRF_HEADER} must have the value of the cookie {CSRF_COOKIE}; log in again if it is missing.",
        )
    return identity


def _verified(token: str) -> Identity:
    try:
        return services().tokens.verify(token)
    except TokenError as error:
        raise Problem(401, str(error), INVALID_TOKEN) from None


def _csrf_sent() -> bytes:
    return request.headers.get(CSRF_HEADER, "").encode()


def _delete_invalid_cookie(response: Response) -> Response:
    if g.get("has_invalid_cookie"):
        delete_cookies(response)
    return response


def delete_cookies(response: Response) -> None:
    """Have the browser delete the cookies of the token."""
    for name in (TOKEN_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, samesite="Strict")
