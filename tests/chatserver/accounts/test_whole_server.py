"""The whole server's routes: none answers without a token but those that are meant to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.middleware import gate
from tests.chatserver.middleware.test_gate import guarded
from tests.chatserver.world import World, made_settings, made_world

# The document is the same for everybody, as the pages are; a socket shows its token once it is open.
OPEN = {
    "/health", "/metrics", "/api/auth/login", "/api/auth/register", "/api/openapi.json", "/socket.io/",
}  # fmt: skip


@pytest.fixture
def production(tmp_path: Path) -> Iterator[World]:
    with made_world(made_settings(tmp_path, production=True)) as world:
        yield world


def test_every_route_that_is_not_public_wants_a_token(production: World) -> None:
    routes = list(guarded(production.app))
    assert {("GET", "/api/tasks"), ("POST", "/api/tasks"), ("POST", "/api/commands")} <= set(routes)
    client = production.app.test_client()
    answers = {route: client.open(route[1], method=route[0]).status_code for route in routes}
    assert answers == dict.fromkeys(routes, 401)


def test_nothing_but_pages_is_public_except_what_has_to_be(production: World) -> None:
    views = production.app.view_functions
    rules = [rule for rule in production.app.url_map.iter_rules() if gate.is_public(views[rule.endpoint])]
    other_rules = [rule for rule in rules if rule.rule not in OPEN]
    assert [rule.rule for rule in other_rules if rule.rule.startswith("/api/") or "POST" in (rule.methods or ())] == []
