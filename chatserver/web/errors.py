"""Every error as a problem document (RFC 9457): what is wrong, and how to mend it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from chatserver.tasks.errors import InvalidTaskError, TaskError, UnknownTaskError, WorkspaceRefusedError

log = logging.getLogger(__name__)
RETRY = {"Retry-After": "10"}
MEDIA_TYPE = "application/problem+json"
# What the framework finds wrong, in words of this server; other faults are told in the framework's.
DETAILS = {
    404: "There is nothing here; /api/openapi.json lists what there is.",
    405: "The method is not allowed here; the header Allow names those that are.",
    413: "The request is too large.",
    415: "The body has to be JSON, with the header Content-Type: application/json.",
    500: "The server failed at this; its log says why.",
}
# What is not named here is told as a conflict with how things stand.
TASK_ERRORS: dict[type[TaskError], int] = {
    UnknownTaskError: 404,
    WorkspaceRefusedError: 403,
    InvalidTaskError: 400,
}


class Problem(Exception):  # noqa: N818 - as RFC 9457 names it
    """A request cannot be answered as it was made: the status and the sentence that the client gets."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The problem as an answer."""
        body = msgspec.json.encode(ProblemDocument(HTTPStatus(self.status).phrase, self.status, self.detail))
        return Response(body, self.status, self.headers, content_type=MEDIA_TYPE)


class ProblemDocument(msgspec.Struct, frozen=True):
    """What is wrong with a request, as RFC 9457 has it."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def install(app: Flask) -> None:
    """Answer every error of the app with a problem document."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(TaskError, _task_error)
    app.register_error_handler(HTTPException, _framework_error)
    app.register_error_handler(ParseException, _torn_body)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(Exception, _failure)


def _task_error(error: TaskError) -> Response:
    return Problem(TASK_ERRORS.get(type(error), 409), str(error)).response()


def _framework_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error  # a redirection is an answer
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return Problem(error.code, DETAILS.get(error.code) or error.description or "", headers).response()


def _torn_body(_error: ParseException) -> Response:
    return Problem(400, "The body cannot be read: its chunks are not as HTTP has them.").response()


def _no_database(error: OperationalError) -> Response:
    log.error("%s %r failed: %s", request.method, request.path, error.orig)
    return Problem(503, "The database does not answer now; try again in a while.", RETRY).response()


def _failure(_error: Exception) -> Response:
    log.exception("%s %r failed.", request.method, request.path)
    return Problem(500, DETAILS[500]).response()
