"""The operations of endpoints: types that validate requests, encode responses, and generate the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints

import msgspec
from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected

from chatserver.api.invalid_requests import CURSOR, WITHOUT_NUL, explain
from chatserver.middleware.errors import Problem

Body = TypeVar("Body", bound=msgspec.Struct)
View = Callable[..., Any]
OPERATION = "operation"
JSON = "application/json"

# No text may contain NUL: PostgreSQL cannot store it, and no program accepts it as an argument.
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=WITHOUT_NUL)]
_MOMENTS = [{"pattern": "^[0-9]{1,6}[mhdw]$"}, {"format": "date"}, {"format": "date-time"}]
_MOMENT = "A span before now such as 7d, 24h or 30m, or a date such as 2026-11-01."
_EXAMPLES = ["24h", "2026-11-01"]
Moment = Annotated[
    str,
    msgspec.Meta(max_length=40, description=_MOMENT, extra_json_schema={"anyOf": _MOMENTS, "examples": _EXAMPLES}),
]
MomentOrEmpty = Annotated[
    str,
    msgspec.Meta(
        max_length=40,
        description=_MOMENT,
        extra_json_schema={"anyOf": [*_MOMENTS, {"maxLength": 0}], "examples": _EXAMPLES},
    ),
]
# A page of tasks or chats starts after the one of this time and id.
Cursor = Annotated[str, msgspec.Meta(pattern=CURSOR)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request's body or query parameters; unknown names are refused."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint in the document. `answer` is a type that msgspec can encode, None for an empty body.

    `also` are the types for other media types; `others` are the types of error statuses that are not problem documents.
    """

    summary: str
    answer: Any = None
    status: int = 200
    body: type[Request] | None = None
    query: type[Request] | None = None
    problems: tuple[int, ...] = ()
    media_type: str = JSON
    others: Mapping[int, Any] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)


def described(operation: Operation) -> Callable[[View], View]:
    """Document a view that reads its request and builds its response by itself."""

    def decorate(view: View) -> View:
        setattr(view, OPERATION, operation)
        return view

    return decorate


def endpoint(operation: Operation) -> Callable[[View], View]:
    """Pass a view its validated `body` and `query`, and encode what it returns."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answering(**given: Any) -> Response:
            if operation.query:
                given["query"] = read_query(operation.query, request.args)
            if operation.body:
                given["body"] = read_body(operation.body)
            return answer(view(**given), operation.status)

        return described(operation)(answering)

    return decorate


def answer(value: Any, status: int = 200) -> Response:
    """A JSON response."""
    if status == 204:
        return Response(status=status)
    return Response(msgspec.json.encode(value), status, content_type=JSON)


def _number(text: str) -> int | float:
    """A number with a point or an exponent; 1.0 is an integer, as in JSON Schema."""
    number = float(text)
    return int(number) if number.is_integer() else number


JSON_VALUES = msgspec.json.Decoder(float_hook=_number)


def read_body(kind: type[Body]) -> Body:
    """The validated JSON body of the request. Raises Problem."""
    if request.mimetype != JSON:
        raise Problem(415, f"The body must be JSON, with the header Content-Type: {JSON}.")
    sent = _read_sent()
    try:
        return msgspec.convert(JSON_VALUES.decode(sent), kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"The body is not valid: {explain(error, kind)}.") from error


def _read_sent() -> bytes:
    """The bytes of the body. Raises Problem where the server has given up waiting for more of them."""
    late = Problem(408, "The body did not arrive in time; send it again.")
    try:
        sent = request.get_data(cache=False)
        request.stream.read(1)  # raises if a body without a length exceeds the limit
    except (ClientDisconnected, OSError):  # in chunks, of which the last is missing
        raise late from None
    if len(sent) < (request.content_length or 0):
        raise late
    return sent


def read_query(kind: type[Body], given: MultiDict[str, str]) -> Body:
    """The validated query parameters. Raises Problem."""
    lists = {name for name, hint in get_type_hints(kind).items() if get_origin(hint) is tuple}
    values: dict[str, str | list[str]] = {}
    for name, texts in given.lists():
        if name not in lists and len(texts) > 1:
            raise Problem(400, f"The query parameter {name!r} is repeated; send it once.")
        values[name] = texts if name in lists else texts[0]
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, f"The query parameters are not valid: {explain(error, kind)}.") from error
