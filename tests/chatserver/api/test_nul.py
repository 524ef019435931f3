"""No request with a NUL, which PostgreSQL cannot store or compare, is the server's failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chatserver.api.openapi import routes
from chatserver.api.operations import OPERATION, Operation
from tests.chatserver.world import World

LOGOUT = "/api/auth/logout"
NULS = ("%00", "a%00b", "%00.1", "1.%00")


def requests(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every endpoint with a NUL in each part of its path, each parameter of its query, and each field of its body."""
    for path, method, rule in routes(world.app):
        if path == LOGOUT:
            continue  # no other request would be admitted after it
        operation: Operation = getattr(world.app.view_functions[rule.endpoint], OPERATION, Operation(""))
        known = re.sub(r"{\w+}", "abc", path)
        for nul in NULS:
            yield method, known + nul, {}
            yield method, re.sub(r"{\w+}", nul, path), {}
            for name in (nul, *fields(operation.query)):
                yield method, f"{known}?{name}={nul}", {}
        for name in fields(operation.body):
            yield method, known, {**dict.fromkeys(fields(operation.body), "x"), name: "a\0b"}
            yield method, known, {name: "a\0b"}
            yield method, known, {name: "x", "a\0b": "x"}


def fields(kind: type[msgspec.Struct] | None) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)] if kind else []


@pytest.mark.parametrize("role", ["user", "admin"])
def test_a_nul_is_the_clients_fault_everywhere(both: World, role: str) -> None:
    person = both.person("ann", role)
    both.services.start()
    statuses = {
        (method, path, str(body)): person.ask(method, path, **({"json": body} if body else {})).status
        for method, path, body in requests(both)
    }
    assert {one: status for one, status in statuses.items() if status >= 500} == {}
    assert statuses["GET", "/api/chats/%00/messages", "{}"] == 404
    assert statuses["DELETE", "/api/chats/%00", "{}"] == 404
