"""The sentences with which requests are refused."""

from __future__ import annotations

import pytest

from tests.chatserver.world import Person

QUERIES = {
    "/api/sessions?limit=0": "`limit` must be at least 1",
    "/api/sessions?limit=99999999999999999999": "`limit` must be at most 1000",
    "/api/sessions?limit=many": "`limit` must be an integer",
    "/api/sessions?failed=yes": "`failed` must be true or false",
    "/api/sessions?order=up": "`order` must be one of asc, desc",
    "/api/sessions?bogus=1": "`bogus` is unknown",
    "/api/sessions?text=%00": "`text` must not have the character NUL",
    "/api/sessions?min_cost_usd=-1": "`min_cost_usd` must be at least 0.0",
    "/api/tasks?status=done": "`status` must be one of pending, running, completed, failed, stopped",
    "/api/tasks?cursor=x": "`cursor` must be the `next_cursor` of the page before",
    "/api/search": "`q` is missing",
}
BODIES: dict[str, tuple[object, str]] = {
    "a list": ([], "it must be an object"),
    "nothing in it": ({}, "`description` is missing"),
    "spaces": ({"description": "  "}, "`description` must have a character besides spaces, and not NUL"),
    "a number": ({"description": 1}, "`description` must be a text"),
    "a long text": ({"description": "x" * 100_001}, "`description` must have at most 100000 characters"),
    "an option": ({"description": "x", "model": "--evil"}, "`model` has a form or a character that is not allowed"),
    "a budget": ({"description": "x", "max_budget_usd": "1"}, "`max_budget_usd` must be a number"),
}


@pytest.mark.parametrize("address", QUERIES)
def test_a_query_is_refused_with_the_parameter_and_what_it_may_be(admin: Person, address: str) -> None:
    answer = admin.get(address)
    assert (answer.status, answer.json["detail"]) == (400, f"The query parameters are not valid: {QUERIES[address]}.")


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_refused_with_the_field_and_what_it_may_be(admin: Person, name: str) -> None:
    body, detail = BODIES[name]
    answer = admin.post("/api/tasks", body)
    assert (answer.status, answer.json["detail"]) == (400, f"The body is not valid: {detail}.")


@pytest.mark.parametrize("body", [b"", b'{"description": "x', rb'{"description": "half of a character: \ud83d"}'])
def test_a_body_that_is_not_whole_says_so(admin: Person, body: bytes) -> None:
    answer = admin.ask("POST", "/api/tasks", data=body, content_type="application/json")
    why = "it is empty, its end is missing, or a text in it has a lone surrogate"
    assert (answer.status, answer.json["detail"]) == (400, f"The body is not valid: {why}.")


def test_a_text_that_is_empty_is_called_that(admin: Person) -> None:
    answer = admin.post("/api/commands", {"command": ""})
    assert (answer.status, answer.json["detail"]) == (400, "The body is not valid: `command` must not be empty.")
