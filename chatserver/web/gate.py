"""The gate before every view: the host, the page that asks, and the token."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, g, request

from chatserver.accounts.token_codec import TokenError
from chatserver.accounts.tokens import Identity
from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.services import services
from chatserver.web.errors import Problem
from chatserver.web.loopback import LOOPBACK_HOSTS, is_loopback
from chatserver.web.origins import Origins, host_name

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "is_public"
TOKEN_COOKIE = "hookmeter_token"  # noqa: S105 - its name
CSRF_COOKIE = "hookmeter_csrf"
CSRF_HEADER = "X-CSRF-Token"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
CHALLENGE = {"WWW-Authenticate": "Bearer"}
# What a proxy leaves on a request; one that came through a proxy is nobody's who sits at this machine.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def install(app: Flask) -> None:
    """Check every request before its view. In development, a person at this machine may read without a token."""
    app.before_request(_admit)
    app.after_request(_forget_dead_cookie)


def public(view: View) -> View:
    """Mark a view that wants no token."""
    setattr(view, PUBLIC, True)
    return view


def is_public(view: Callable[..., Any]) -> bool:
    """Whether a view wants no token."""
    return getattr(view, PUBLIC, False)


def current_viewer() -> Viewer:
    """Who asks."""
    viewer: Viewer = g.viewer
    return viewer


def shown_identity() -> Identity | None:
    """Whose token came with the request; None where none was needed."""
    identity: Identity | None = g.identity
    return identity


def current_identity() -> Identity:
    """Whose token came with the request. Raises Problem where reading is open and none came."""
    identity = shown_identity()
    if identity is None:
        raise Problem(401, "No token came with the request; /api/auth/login gives one.", CHALLENGE)
    return identity


def check_socket(asked: Request) -> None:
    """Check from where a WebSocket is opened, as for all requests. Raises Problem."""
    check_place(asked, services().origins)


def check_place(asked: Request, origins: Origins) -> None:
    """Refuse names that are none of this server's, and pages of others. Raises Problem."""
    host, origin = asked.headers.get("Host", ""), asked.headers.get("Origin")
    if not origins.allows_host(host):
        raise Problem(421, "The Host header names none of this server's hosts; --host allows one more.")
    if origin is not None and not origins.allows_page(origin, host):
        raise Problem(403, "The page that asks may not use this server; --origin allows one more.")


def is_local_reading(asked: Request) -> bool:
    """Whether somebody at this machine only wants to read."""
    return (
        asked.method in READS
        and is_loopback(asked.remote_addr or "")
        and host_name(asked.headers.get("Host", "")) in LOOPBACK_HOSTS
        and not any(name in asked.headers for name in FORWARDED)
    )


def _admit() -> None:
    """Let the request in, and note who asks. Raises Problem."""
    check_place(request, services().origins)
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.method == "OPTIONS" or request.endpoint == "static" or is_public(view):
        return
    g.identity = _identity()
    g.viewer = g.identity.user.viewer if g.identity else LOCAL_ADMIN


def _identity() -> Identity | None:
    """Whose token came with the request; None where none came and none is needed."""
    given = request.authorization
    if given is not None and given.type == "bearer":
        return _verified(given.token or "")
    cookie = request.cookies.get(TOKEN_COOKIE)
    if cookie is not None:
        return _of_cookie(cookie)
    if services().settings.allows_local_reading and is_local_reading(request):
        return None
    raise Problem(401, "Log in first: send the token of /api/auth/login as Authorization: Bearer TOKEN.", CHALLENGE)


def _of_cookie(cookie: str) -> Identity:
    try:
        identity = _verified(cookie)
    except Problem:
        g.cookie_is_dead = True
        raise
    expected = services().tokens.csrf_token(identity.jti).encode()
    if request.method not in READS and not hmac.compare_digest(_csrf_sent(), expected):
        raise Problem(403, f"The header {CSRF_HEADER} does not hold what the cookie {CSRF_COOKIE} does; send it.")
    return identity


def _verified(token: str) -> Identity:
    try:
        return services().tokens.verify(token)
    except TokenError as error:
        raise Problem(401, str(error), {"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None


def _csrf_sent() -> bytes:
    return request.headers.get(CSRF_HEADER, "").encode()


def _forget_dead_cookie(response: Response) -> Response:
    if g.get("cookie_is_dead"):
        forget_cookies(response)
    return response


def forget_cookies(response: Response) -> None:
    """Have the browser drop the token and what belongs to it."""
    for name in (TOKEN_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, samesite="Strict")
