"""The OpenAPI document, generated from the routes and the types of their requests and responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, current_app
from werkzeug.routing import Rule

from chatserver.api.operations import JSON, OPERATION, Operation, answer, described
from chatserver.middleware import errors
from chatserver.middleware.gate import is_public, public
from exporter.collectors.build import VERSION

openapi = Blueprint("openapi", __name__)
REFERENCE = "#/components/schemas/{name}"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "hookmeter_token"},
}


@openapi.get("/api/openapi.json")
@public
@described(Operation("Get this document", dict[str, Any]))
def show() -> Response:
    """The OpenAPI document of this server."""
    return answer(document(current_app))


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an app."""
    found = list(_operations(app))
    kinds = [errors.ProblemDocument, *(kind for _, _, one, _ in found for kind in _kinds(one))]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    schema_of = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for path, method, one, is_open in found:
        described = _describe(one, schema_of, _parameters(one, components))
        described["parameters"] = [*_in_path(path), *described["parameters"]]
        described["security"] = [] if is_open else [{name: []} for name in SECURITY]
        paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hookmeter",
            "version": VERSION,
            "description": "Tasks for agents, and live metrics of what agents do.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": SECURITY},
    }


def routes(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Yield every path, in OpenAPI's notation, with its method and rule."""
    for rule in app.url_map.iter_rules():
        for method in METHODS:
            if method in (rule.methods or ()):
                yield PARAMETER.sub(r"{\1}", rule.rule), method, rule


def _operations(app: Flask) -> Iterator[tuple[str, str, Operation, bool]]:
    for path, method, rule in routes(app):
        view = app.view_functions[rule.endpoint]
        operation = getattr(view, OPERATION, None)
        if operation is not None:
            yield path, method, operation, is_public(view)


def _kinds(operation: Operation) -> list[Any]:
    every = (operation.answer, operation.body, operation.query, *operation.others.values(), *operation.also.values())
    return [kind for kind in every if kind is not None]


def _forms(operation: Operation) -> dict[str, Any]:
    """The types of the response, by media type."""
    answer = {} if operation.answer is None else {operation.media_type: operation.answer}
    return {**answer, **operation.also}


def _parameters(operation: Operation, components: dict[str, Any]) -> list[dict[str, Any]]:
    """The query parameters of an operation."""
    if operation.query is None:
        return []
    described = components[operation.query.__name__]
    required = described.get("required", ())
    return [_in_query(name, schema, required=name in required) for name, schema in described["properties"].items()]


def _describe(operation: Operation, schema_of: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    problem = {errors.MEDIA_TYPE: {"schema": schema_of[repr(errors.ProblemDocument)]}}
    schema = {one: {"schema": schema_of[repr(kind)]} for one, kind in _forms(operation).items()}
    answers = {str(operation.status): {"description": HTTPStatus(operation.status).phrase, "content": schema}}
    for status, kind in operation.others.items():
        content = {JSON: {"schema": schema_of[repr(kind)]}}
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "content": content}
    answers |= {str(code): {"description": HTTPStatus(code).phrase, "content": problem} for code in operation.problems}
    answers["default"] = {"description": "What is wrong with the request.", "content": problem}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": parameters,
        "responses": answers,
    }
    if operation.body:
        body = {"schema": schema_of[repr(operation.body)]}
        described["requestBody"] = {"required": True, "content": {JSON: body}}
    return described


def _in_query(name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    # Query parameters cannot be null: those that may be null may be left out.
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return {"name": name, "in": "query", "required": required, "schema": kinds[0] if len(kinds) == 1 else schema}


def _in_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", path)
    ]
