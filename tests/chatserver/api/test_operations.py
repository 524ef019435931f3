"""What a client sends is read by its type, or refused with a sentence."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec import Meta

from chatserver.api.operations import Line, Operation, Request, endpoint
from chatserver.middleware import errors


class Order(Request, frozen=True):
    """What is ordered."""

    name: Line
    number: Annotated[int, Meta(ge=1, le=9)] = 1


class Search(Request, frozen=True):
    """What is looked for."""

    kind: tuple[Line, ...] = ()
    name: Line | None = None
    limit: Annotated[int, Meta(ge=1, le=9)] = 5


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    errors.install(app)

    @app.post("/orders")
    @endpoint(Operation("Order", Order, 201, body=Order))
    def order(body: Order) -> Order:
        return body

    @app.get("/orders")
    @endpoint(Operation("Search", Search, query=Search))
    def search(query: Search) -> Search:
        return query

    return app.test_client()


def test_a_body_becomes_a_record_and_a_record_an_answer(client: FlaskClient) -> None:
    answer = client.post("/orders", json={"name": "tea"})
    assert (answer.status_code, answer.json) == (201, {"name": "tea", "number": 1})


def test_a_whole_number_may_have_a_point(client: FlaskClient) -> None:
    answer = client.post("/orders", data=b'{"name": "tea", "number": 2.0}', content_type="application/json")
    assert answer.json == {"name": "tea", "number": 2}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"name": "tea", "size": 1}',
        b'{"name": 1}',
        b'{"name": "tea", "number": 10}',
        b'{"name": "tea", "number": NaN}',
        b'{"name": "tea", "number": 1e999}',
        b'{"name": "tea", "number": 1.5}',
        b'{"name": "tea", "number": "1"}',
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800 alone"}',
        b'{"name": "\xff"}',
        b'{"name": "' + b"x" * 201 + b'"}',
        b'{"name": ' + b"[" * 100_000,
    ],
)
def test_a_body_of_another_form_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/orders", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert detail(answer).startswith("The body is not valid: ")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_said_to_be_json_is_refused(client: FlaskClient, content_type: str) -> None:
    assert client.post("/orders", data=b'{"name": "tea"}', content_type=content_type).status_code == 415


def test_parameters_are_read_by_their_types(client: FlaskClient) -> None:
    answer = client.get("/orders?kind=hot&kind=cold&name=null&limit=7")
    assert answer.json == {"kind": ["hot", "cold"], "name": "null", "limit": 7}


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=", "size=1", "name=a%00b", "limit=1&limit=1"])
def test_parameters_of_another_form_are_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/orders?{query}")
    assert answer.status_code == 400
    assert detail(answer).startswith("The query parameter")


def detail(answer: Any) -> str:
    return str(answer.get_json(force=True)["detail"])
