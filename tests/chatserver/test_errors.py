"""Every error is a problem document."""

from __future__ import annotations

import logging

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from chatserver import errors
from chatserver.errors import Problem


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


def test_a_failure_tells_the_log_what_it_was_and_the_client_nothing(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/breaks")
    assert b"hunter2" not in answer.data
    assert "GET '/breaks' failed." in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_redirection_is_no_error(client: FlaskClient) -> None:
    assert client.get("/elsewhere").status_code == 302
