"""What an endpoint takes and gives: the types by which a request is read and answered, and the document is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints

import msgspec
from flask import Response, request
from werkzeug.datastructures import MultiDict

from chatserver.web.errors import Problem

Body = TypeVar("Body", bound=msgspec.Struct)
View = Callable[..., Any]
OPERATION = "operation"
JSON = "application/json"

# No text may hold NUL: PostgreSQL keeps none, and no program takes one as an argument.
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\u0000]*$")]
# Where a page of tasks or chats begins: behind the one of this moment and id.
Cursor = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}\.[0-9a-f]{1,32}$")]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a client sends, as a body or as the parameters of an address; unknown names are refused."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint in the document. `answer` is a type that msgspec knows, None where there is no body.

    `also` are other forms of it, by their media types; `others` are answers that are no problem documents, though they
    are no success.
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
    """Put a view that reads and answers by itself into the document."""

    def decorate(view: View) -> View:
        setattr(view, OPERATION, operation)
        return view

    return decorate


def endpoint(operation: Operation) -> Callable[[View], View]:
    """Give a view its `body` and `query`, read, and answer with what it returns."""

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
    """A value as JSON."""
    if status == 204:
        return Response(status=status)
    return Response(msgspec.json.encode(value), status, content_type=JSON)


def _number(text: str) -> int | float:
    """A number with a point or an exponent: 1.0 is a whole number, as JSON Schema has it."""
    number = float(text)
    return int(number) if number.is_integer() else number


JSON_VALUES = msgspec.json.Decoder(float_hook=_number)


def read_body(kind: type[Body]) -> Body:
    """The request's JSON body. Raises Problem where it is not what it should be."""
    if request.mimetype != JSON:
        raise Problem(415, f"The body has to be JSON, with the header Content-Type: {JSON}.")
    sent = request.get_data(cache=False)
    request.stream.read(1)  # raises where a body without a length was cut off at its bound
    try:
        return msgspec.convert(JSON_VALUES.decode(sent), kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"The body cannot be used: {error}.") from error


def read_query(kind: type[Body], given: MultiDict[str, str]) -> Body:
    """The parameters of the address. Raises Problem where they are not what they should be."""
    lists = {name for name, hint in get_type_hints(kind).items() if get_origin(hint) is tuple}
    values: dict[str, str | list[str]] = {}
    for name, texts in given.lists():
        if name not in lists and len(texts) > 1:
            raise Problem(400, f"The parameter {name!r} stands there more than once; give it once.")
        values[name] = texts if name in lists else texts[0]
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, f"The parameters of the address cannot be used: {error}.") from error
