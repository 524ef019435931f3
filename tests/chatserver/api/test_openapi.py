"""The document says what the server does, and the server does what the document says."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from chatserver.api.openapi import document, routes
from tests.chatserver.world import World, made_settings, made_world

# What speaks another protocol than HTTP.
BESIDE = {"/socket.io/"}
SECONDS = 20


@pytest.fixture
def production(tmp_path: Path) -> Iterator[World]:
    """Where nothing can be read without a token."""
    with made_world(made_settings(tmp_path, production=True, registration=False)) as world:
        yield world


def test_every_route_is_in_the_document_and_no_other_is(world: World) -> None:
    documented = {
        (path, method.upper()) for path, methods in document(world.app)["paths"].items() for method in methods
    }
    asked = [(path, method) for path, method, rule in routes(world.app) if not rule.endpoint.startswith("pages.")]
    assert documented == {(path, method) for path, method in asked if path not in BESIDE}


def test_every_operation_says_what_it_takes_and_gives(world: World) -> None:
    for path, methods in document(world.app)["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}


def test_whoever_has_no_token_may_read_the_document(production: World) -> None:
    answer = production.nobody().get("/api/openapi.json")
    assert answer.status == 200
    assert answer.json["openapi"].startswith("3.1")


def test_nothing_that_a_client_sends_breaks_the_server_or_the_document(
    production: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "werkzeug")
    token = production.person("root", "admin").headers["Authorization"]
    server = make_server("127.0.0.1", 0, production.app, threaded=True)
    production.services.start()
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        done = subprocess.run(
            [
                *(Path(sys.executable).with_name("schemathesis"), "run"),
                f"http://127.0.0.1:{server.server_port}/api/openapi.json",
                *("--header", f"Authorization: {token}"),
                *("--header", "Accept: application/json"),  # else the metrics are a stream that never ends
                *("--exclude-path", "/api/auth/logout"),  # the token would be worth nothing from then on
                *("--checks", "all", "--max-time", str(SECONDS), "--warnings", "off", "--no-color"),
                *("--generation-database", "none"),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS * 10,
        )
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
    assert done.returncode == 0, done.stdout + done.stderr
