"""Requests of browsers."""

from __future__ import annotations

from flask.testing import FlaskClient

from chatserver.middleware.gate import CSRF_COOKIE

ELSEWHERE = "192.0.2.7"


def csrf(client: FlaskClient) -> str:
    cookie = client.get_cookie(CSRF_COOKIE)
    assert cookie is not None
    return cookie.value
