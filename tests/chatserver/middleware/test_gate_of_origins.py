"""Which hosts and origins may send requests."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from chatserver.middleware.gate import CSRF_HEADER
from chatserver.storage.database import Database
from exporter.web.listen_address import parse_listen
from tests.chatserver.accounts.site import Site, made_site
from tests.chatserver.middleware.browsers import ELSEWHERE, csrf


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug calls it so
        pass


@pytest.fixture
def browser(simple_site: Site) -> FlaskClient:
    """One that has logged in, elsewhere."""
    simple_site.user()
    client = simple_site.client(ELSEWHERE)
    assert simple_site.login(client).status_code == 200
    return client


@pytest.mark.parametrize("host", ["localhost", "localhost:3000", "127.0.0.1:8080", "[::1]:3000", "[::1]", "LOCALHOST"])
def test_this_machine_is_called_so_with_any_port(simple_site: Site, host: str) -> None:
    assert simple_site.client().get("/mine", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:3000", "localhost.evil.example", "evil.example#localhost", "localhost@evil.example",
     "user@localhost", "localhost:3000:1", "localhost:", "localhost:x", "", "127.0.0.1.evil.example", "0.0.0.0",
     "127.1", "[::1", "::1", "localhost, evil.example", "localhost.", "192.0.2.1"],
)  # fmt: skip
def test_a_name_that_somebody_points_here_is_refused(simple_site: Site, host: str) -> None:
    headers = {"Host": host, **simple_site.bearer(simple_site.user())}
    for path in ("/mine", "/open", "/api/auth/login", "/nothing"):
        for method in ("GET", "POST", "OPTIONS"):
            assert simple_site.client().open(path, method=method, headers=headers).status_code == 421


def test_hosts_are_those_that_were_named_and_the_one_listened_on(sqlite: Database) -> None:
    settings = {"listen": parse_listen("10.1.2.3:3000"), "hosts": ("Agents.example.org", "fd00::5"), "production": True}
    client = made_site(sqlite, **settings).client()
    for host in ("agents.example.org", "agents.example.org:8443", "10.1.2.3:3000", "[fd00::5]:3000", "localhost"):
        assert client.get("/open", headers={"Host": host}).status_code == 200
    for host in ("example.org", "fd00::5", "10.1.2.4", "0.0.0.0", ""):
        assert client.get("/open", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://localhost:3002", "http://localhost:3001.evil.example", "file://",
     "http://localhost:3001/", "http://localhost:3001, https://evil.example", "chrome-extension://localhost",
     "ws://localhost", "//localhost", "localhost"],
)  # fmt: skip
def test_a_page_of_others_is_refused_whatever_it_brings(browser: FlaskClient, origin: str) -> None:
    headers = {"Origin": origin, CSRF_HEADER: csrf(browser)}
    for path in ("/mine", "/open", "/api/auth/login"):
        for method in ("GET", "POST", "OPTIONS"):
            reply = browser.open(path, method=method, headers=headers)
            assert reply.status_code == 403
            assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize(
    ("host", "origin"),
    [("localhost:3000", "http://localhost:3000"), ("localhost", "http://localhost:3001"),
     ("127.0.0.1:9999", "http://127.0.0.1:9999"), ("[::1]:3000", "http://[::1]:3000"),
     ("localhost:3000", "HTTP://LocalHost:3000"), ("localhost:8443", "https://localhost:8443")],
)  # fmt: skip
def test_the_servers_own_pages_and_those_that_were_allowed_may_ask(simple_site: Site, host: str, origin: str) -> None:
    assert simple_site.client().get("/mine", headers={"Host": host, "Origin": origin}).status_code == 200


def test_a_websocket_is_held_to_the_same(simple_site: Site) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for headers, status in (
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
    ):
        assert simple_site.client().get("/socket", headers={**upgrade, **headers}).status_code == status


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /mine HTTP/1.1\r\nHost: localhost", 200),
        (b"GET /mine HTTP/1.1\r\nHost: evil.example", 421),
        (b"GET /mine HTTP/1.1\r\nHost: xn--localhost-x", 421),
        (b"GET /mine HTTP/1.1\r\nHost: \xff\xfe", 421),
        (b"GET /mine HTTP/1.1\r\nHost: localhost\r\nHost: evil.example", 421),
        (b"GET /mine HTTP/1.1\r\nHost: " + b"a" * 5000, 421),
        (b"GET /mine HTTP/1.1\r\nX-Forwarded-Host: localhost", 421),
        (b"GET /mine HTTP/1.0", 421),
        (b"GET http://evil.example/mine HTTP/1.1\r\nHost: localhost", 421),
        (b"GET /mine HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example", 403),
        (b"GET /mine HTTP/1.1\r\nHost: localhost\r\nOrigin: \xff", 403),
        (b"GET /mine HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe", 401),
        (b"GET /mine HTTP/1.1\r\nHost: localhost\r\nCookie: hookmeter_token=\xff", 401),
        (b"POST /mine HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0", 401),
    ],
)
def test_what_a_socket_brings_is_held_to_the_same(simple_site: Site, head: bytes, status: int) -> None:
    server = make_server("127.0.0.1", 0, simple_site.app, threaded=True, request_handler=Quiet)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        with socket.create_connection(("127.0.0.1", server.server_port), 10) as client:
            client.sendall(head + b"\r\n\r\n")
            with client.makefile("rb") as answer:
                assert int(answer.readline().split()[1]) == status
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
