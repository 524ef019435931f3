"""Errors as problem documents (RFC 9457): what is wrong, and how to fix it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from chatserver.storage.unavailable import UNAVAILABLE, cause, refusal
from chatserver.tasks.errors import (
    ChoiceRefusedError,
    InvalidTaskError,
    LoggedOutError,
    TaskError,
    TooManyTasksError,
    UnknownTaskError,
    WorkspaceRefusedError,
)
from exporter.ledger.failures import LedgerError
from exporter.model.log import logger

log = logger(__name__)
RETRY = {"Retry-After": "10"}
INVALID_TOKEN = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
MEDIA_TYPE = "application/problem+json"
# The texts of errors that the framework raises; for other codes, the framework's own are used.
DETAILS = {
    404: "There is nothing at this address; /api/openapi.json lists all addresses.",
    405: "The method is not allowed here; the header Allow lists those that are.",
    413: "The request is too large; send less.",
    415: "The body must be JSON, with the header Content-Type: application/json.",
    500: "The server failed to answer this request; see the server's log.",
}
UNREADABLE_LEDGER = "The ledger cannot be read; see the server's log, and run: hookmeter doctor"
# The statuses of task errors; all others are conflicts, 409.
TASK_ERRORS: dict[type[TaskError], int] = {
    UnknownTaskError: 404,
    LoggedOutError: 401,
    WorkspaceRefusedError: 403,
    ChoiceRefusedError: 403,
    InvalidTaskError: 400,
    TooManyTasksError: 429,
}
TASK_ERROR_HEADERS = {401: INVALID_TOKEN, 429: RETRY}


class Problem(Exception):  # noqa: N818 - as RFC 9457 names it
    """The request cannot be answered: the status, and the sentence for the client."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The problem as a response."""
        body = msgspec.json.encode(ProblemDocument(HTTPStatus(self.status).phrase, self.status, self.detail))
        return Response(body, self.status, self.headers, content_type=MEDIA_TYPE)


class ProblemDocument(msgspec.Struct, frozen=True):
    """What is wrong with a request, as defined in RFC 9457."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def install(app: Flask) -> None:
    """Answer all errors of the app with problem documents."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(TaskError, _task_error)
    app.register_error_handler(LedgerError, _unreadable_ledger)
    app.register_error_handler(HTTPException, _framework_error)
    app.register_error_handler(ParseException, _malformed_chunks)
    for unavailable in UNAVAILABLE:
        app.register_error_handler(unavailable, _unavailable_database)
    app.register_error_handler(Exception, _failure)


def _task_error(error: TaskError) -> Response:
    status = TASK_ERRORS.get(type(error), 409)
    return Problem(status, str(error), TASK_ERROR_HEADERS.get(status)).response()


def _framework_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error  # a redirection is an answer
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return Problem(error.code, DETAILS.get(error.code) or error.description or "", headers).response()


def _malformed_chunks(_error: ParseException) -> Response:
    return Problem(400, "The body cannot be read: its chunked encoding is malformed.").response()


def _unavailable_database(error: Exception) -> Response:
    log.error("%s %r failed: %s", request.method, request.path, cause(error))
    return Problem(503, refusal(error), RETRY).response()


def _unreadable_ledger(error: LedgerError) -> Response:
    log.error("%s %r failed: %s", request.method, request.path, error)
    return Problem(503, UNREADABLE_LEDGER, RETRY).response()


def _failure(_error: Exception) -> Response:
    log.exception("%s %r failed.", request.method, request.path)
    return Problem(500, DETAILS[500]).response()
