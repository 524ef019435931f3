"""The headers of every answer."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.chatserver.accounts.site import Site

ALLOWED = "http://localhost:3001"


def policy(reply: TestResponse) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in reply.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in directives}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/open", {}, 200),
        ("GET", "/mine", {}, 200),
        ("POST", "/mine", {}, 401),
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/open", {}, 405),
        ("GET", "/open", {"Host": "evil.example"}, 421),
        ("GET", "/open", {"Origin": "https://evil.example"}, 403),
        ("POST", "/api/auth/login", {}, 415),
        ("GET", "/broken", {}, 500),
    ],
)
def test_every_answer_says_what_a_browser_may_do_with_it(
    simple_site: Site, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    simple_site.app.testing = False
    reply = simple_site.client().open(path, method=method, headers=headers)
    assert reply.status_code == status
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Origin" in reply.vary
    csp = policy(reply)
    assert (csp["default-src"], csp["frame-ancestors"], csp["base-uri"]) == ("'none'",) * 3
    assert "unsafe" not in reply.headers["Content-Security-Policy"]


def test_a_page_may_run_what_the_server_itself_brings_and_data_nothing(simple_site: Site) -> None:
    client = simple_site.client()
    page, data = policy(client.get("/open")), policy(client.get("/mine"))
    assert (page["script-src"], page["style-src"], page["connect-src"]) == ("'self'",) * 3
    assert not {"script-src", "style-src", "connect-src"} & data.keys()


def test_an_allowed_page_may_read_with_its_cookie(simple_site: Site) -> None:
    reply = simple_site.client().get("/mine", headers={"Origin": ALLOWED})
    assert reply.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert reply.vary.as_set() == {"origin"}


def test_an_allowed_page_may_read_what_was_wrong(simple_site: Site) -> None:
    reply = simple_site.client().post("/mine", headers={"Origin": ALLOWED})
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (401, ALLOWED)


def test_a_client_that_is_no_page_gets_no_headers_for_pages(simple_site: Site) -> None:
    reply = simple_site.client().get("/mine")
    assert not [name for name, _ in reply.headers if name.startswith("Access-Control-")]
    assert "Origin" in reply.vary


def test_a_preflight_lists_what_the_page_may_send_without_a_token(production: Site) -> None:
    asked = {
        "Host": "agents.example.org",
        "Origin": "https://agents.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, x-csrf-token",
    }
    reply = production.client().options("/mine", headers=asked)
    assert reply.status_code == 200
    assert reply.data == b""
    assert {method.strip() for method in reply.headers["Access-Control-Allow-Methods"].split(",")} >= {"GET", "POST"}
    sent = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
    assert sent >= {"authorization", "content-type", "x-csrf-token"}
    refused = production.client().options("/mine", headers={**asked, "Origin": "http://localhost:3001"})
    assert refused.status_code == 403
    assert "Access-Control-Allow-Methods" not in refused.headers


def test_the_word_for_all_pages_allows_none(simple_site: Site) -> None:
    for origin in ("*", "null"):
        assert simple_site.client().get("/open", headers={"Origin": origin}).status_code == 403
