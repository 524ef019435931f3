"""Every error is a problem document."""

from __future__ import annotations

import logging
import sqlite3
from io import BytesIO

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.wrappers import Response

from chatserver.api.operations import Operation, Request, endpoint
from chatserver.middleware import errors
from chatserver.middleware.errors import Problem


class Nothing(Request, frozen=True):
    """An empty object."""


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10
    errors.install(app)

    @app.get("/refuses")
    def refuses() -> str:
        raise Problem(429, "Too often; try again later.", {"Retry-After": "7"})

    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("the password is hunter2")

    @app.get("/says/<reason>")
    def says(reason: str) -> str:
        raise OperationalError("BEGIN", None, sqlite3.OperationalError(reason))

    @app.get("/has-no-connection")
    def has_no_connection() -> str:
        raise PoolTimeoutError("all connections are in use")

    @app.get("/elsewhere")
    def elsewhere() -> Response:
        return redirect("/refuses")

    @app.post("/takes")
    def takes() -> str:
        return request.get_data(as_text=True)

    return app.test_client()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("POST", "/breaks", 405), ("GET", "/refuses", 429), ("GET", "/breaks", 500)],
)
def test_an_error_says_what_is_wrong_as_problem_json(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json(force=True)
    assert problem.keys() == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["detail"].endswith(".")


def test_an_error_keeps_its_headers(client: FlaskClient) -> None:
    assert client.get("/refuses").headers["Retry-After"] == "7"
    assert {"GET", "HEAD"} <= set(client.post("/breaks").headers["Allow"].split(", "))


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    assert client.post("/takes", data=b"x" * 11).status_code == 413


def test_a_body_of_unknown_length_that_is_too_large_is_refused_too() -> None:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10
    errors.install(app)

    @app.post("/takes")
    @endpoint(Operation("Take", Nothing, body=Nothing))
    def takes(body: Nothing) -> Nothing:
        return body

    def send(body: bytes) -> int:
        chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        answer = app.test_client().post(
            "/takes", input_stream=BytesIO(body), content_type="application/json", environ_overrides=chunked
        )
        return answer.status_code

    assert (send(b"{}"), send(b"{}" + b" " * 9)) == (200, 413)


@pytest.mark.parametrize(
    ("path", "cause", "state"),
    [
        ("/says/database is locked", "database is locked", "does not answer"),
        ("/says/database or disk is full", "database or disk is full", "has no space left on its disk"),
        ("/says/attempt to write a readonly database", "attempt to write a readonly database", "is read-only"),
        ("/has-no-connection", "all connections are in use", "does not answer"),
    ],
)
def test_a_database_that_is_away_is_reported_as_that(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, path: str, cause: str, state: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.get_json(force=True)["detail"] == f"The database {state}; try again in 10 seconds."
    assert f"GET '{path}' failed: {cause}" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_failure_is_in_the_log_and_the_client_learns_nothing_of_it(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/breaks")
    assert b"hunter2" not in answer.data
    assert "GET '/breaks' failed." in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_redirection_is_no_error(client: FlaskClient) -> None:
    assert client.get("/elsewhere").status_code == 302
