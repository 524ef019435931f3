"""Who is let in: by host, by page, by token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chatserver.middleware import gate
from chatserver.middleware.gate import CSRF_COOKIE, CSRF_HEADER, TOKEN_COOKIE
from chatserver.storage.database import Database
from exporter.web.listen_address import parse_listen
from tests.chatserver.accounts.site import PASSWORD, Site, claims_of, made_site, signed
from tests.chatserver.middleware.browsers import ELSEWHERE, csrf

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

LOCAL_ADMIN = {"user_id": "local", "is_admin": True}


def guarded(app: Flask) -> Iterator[tuple[str, str]]:
    """Every method and address that wants a token."""
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not gate.is_public(app.view_functions[rule.endpoint]):
            path = addresses.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"))
            yield from ((method, path) for method in sorted(rule.methods or ()) if method in METHODS)


def test_every_route_that_is_not_public_wants_a_token(production: Site) -> None:
    routes = list(guarded(production.app))
    assert ("POST", "/api/auth/logout") in routes
    assert ("GET", "/api/auth/verify") in routes
    client = production.client()
    answers = {route: client.open(route[1], method=route[0]).status_code for route in routes}
    assert answers == dict.fromkeys(routes, 401)


def test_only_logging_in_is_public(production: Site) -> None:
    views = production.app.view_functions
    assert {name for name, view in views.items() if gate.is_public(view)} == {
        "auth.login", "auth.register", "opened", "broken", "socket",
    }  # fmt: skip


def test_a_token_in_the_header_says_who_asks(site: Site) -> None:
    ann, root = site.user(), site.user("root", "admin")
    for user in (ann, root):
        reply = site.client(ELSEWHERE).post("/mine", headers=site.bearer(user))
        assert reply.json == {"user_id": user.user_id, "is_admin": user is root}


def test_the_name_of_the_scheme_may_be_written_as_one_likes(simple_site: Site) -> None:
    token = simple_site.tokens.issue(simple_site.user())
    reply = simple_site.client(ELSEWHERE).get("/mine", headers={"Authorization": f"bEARER {token}"})
    assert reply.status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer a=b", "Bearer \xe9", "Bearer x, Bearer y", "Bearer null", "Bearer test"],
)
def test_a_header_without_a_good_token_is_refused(simple_site: Site, header: str) -> None:
    reply = simple_site.client().get("/mine", headers={"Authorization": header})
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert reply.mimetype == "application/problem+json"


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Token x", "x"])
def test_other_schemes_are_no_token(production: Site, header: str) -> None:
    reply = production.client().get("/mine", headers={"Authorization": header})
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_bad_token_is_refused_with_the_reason_and_not_repeated(simple_site: Site) -> None:
    claims = claims_of(simple_site, simple_site.user())
    token = signed({**claims, "exp": claims["iat"] - 60})
    reply = simple_site.client().get("/mine", headers={"Authorization": f"Bearer {token}"})
    assert reply.json is not None
    assert reply.json["detail"] == "The token has expired; log in again."
    assert token not in reply.text + str(reply.headers)


def test_a_token_in_the_address_is_none(production: Site) -> None:
    token = production.tokens.issue(production.user())
    assert production.client().get(f"/mine?token={token}&access_token={token}").status_code == 401


@pytest.fixture
def browser(simple_site: Site) -> FlaskClient:
    """One that has logged in, elsewhere."""
    simple_site.user()
    client = simple_site.client(ELSEWHERE)
    assert simple_site.login(client).status_code == 200
    return client


def test_a_browser_reads_by_its_cookie(browser: FlaskClient) -> None:
    assert browser.get("/mine").status_code == 200


def test_a_browser_writes_only_where_a_page_of_ours_sends_the_csrf_token(browser: FlaskClient) -> None:
    token = csrf(browser)
    assert browser.post("/mine", headers={CSRF_HEADER: token}).status_code == 200
    for headers in ({}, {CSRF_HEADER: ""}, {CSRF_HEADER: token[:-1]}, {CSRF_HEADER: "é"}, {"X-CSRF": token}):
        assert browser.post("/mine", headers=headers).status_code == 403
    assert browser.post(f"/mine?csrf={token}", data={CSRF_COOKIE: token}).status_code == 403


def test_a_csrf_cookie_that_somebody_planted_is_of_no_use(browser: FlaskClient) -> None:
    browser.set_cookie(CSRF_COOKIE, "planted")
    assert browser.post("/mine", headers={CSRF_HEADER: "planted"}).status_code == 403


def test_the_csrf_token_of_another_login_is_of_no_use(simple_site: Site, browser: FlaskClient) -> None:
    other = simple_site.client()
    simple_site.login(other)
    assert browser.post("/mine", headers={CSRF_HEADER: csrf(other)}).status_code == 403


def test_a_header_with_a_token_needs_no_csrf_token(simple_site: Site, browser: FlaskClient) -> None:
    ann = simple_site.users.list()[0]
    assert browser.post("/mine", headers=simple_site.bearer(ann)).status_code == 200


def test_a_bad_header_is_not_made_good_by_a_cookie(browser: FlaskClient) -> None:
    assert browser.get("/mine", headers={"Authorization": "Bearer x"}).status_code == 401
    assert browser.get("/mine").status_code == 200


def test_a_cookie_whose_token_is_worth_nothing_is_taken_back(simple_site: Site, browser: FlaskClient) -> None:
    simple_site.users.change_password("ann", PASSWORD)
    assert browser.get("/mine").status_code == 401
    assert browser.get_cookie(TOKEN_COOKIE) is None
    assert browser.get_cookie(CSRF_COOKIE) is None


def test_in_development_the_account_that_runs_the_server_may_read(simple_site: Site) -> None:
    for address in ("127.0.0.1", "127.8.9.10", "::1"):
        client = simple_site.client(address)
        assert client.get("/mine").json == LOCAL_ADMIN
        assert client.head("/mine").status_code == 200
        assert client.post("/mine").status_code == 401


def test_the_owner_of_a_token_is_shown_only_with_the_token(simple_site: Site) -> None:
    assert simple_site.client().get("/api/auth/verify").status_code == 401
    assert simple_site.client().post("/api/auth/logout").status_code == 401


def test_other_accounts_of_the_machine_may_not(simple_site: Site) -> None:
    for path in ("/mine", "/api/auth/verify"):
        assert simple_site.strangers_client().get(path).status_code == 401
    registration = {"name": "eve", "password": PASSWORD}
    assert simple_site.strangers_client().post("/api/auth/register", json=registration).status_code == 403
    ann = simple_site.bearer(simple_site.user())
    assert simple_site.strangers_client().get("/mine", headers=ann).status_code == 200


@pytest.mark.parametrize("address", [ELSEWHERE, "10.0.0.1", "", "localhost.example"])
def test_nobody_else_reads(simple_site: Site, address: str) -> None:
    assert simple_site.client(address).get("/mine").status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"])
def test_who_comes_through_a_proxy_does_not_sit_here(simple_site: Site, header: str) -> None:
    assert simple_site.client().get("/mine", headers={header: "127.0.0.1"}).status_code == 401


def test_a_name_that_was_allowed_is_not_this_machine(sqlite: Database) -> None:
    tunnelled = made_site(sqlite, hosts=("agents.example.org",)).client()
    assert tunnelled.get("/mine", headers={"Host": "agents.example.org"}).status_code == 401
    assert tunnelled.get("/mine", headers={"Host": "localhost"}).status_code == 200


def test_in_production_nothing_is_open(production: Site) -> None:
    assert production.client().get("/mine").status_code == 401


def test_nothing_is_open_where_others_can_connect(sqlite: Database) -> None:
    assert made_site(sqlite, listen=parse_listen(":3000")).client().get("/mine").status_code == 401


def test_a_bad_token_is_refused_even_where_none_is_wanted(simple_site: Site) -> None:
    client = simple_site.client()
    client.set_cookie(TOKEN_COOKIE, "x")
    assert client.get("/mine").status_code == 401
    assert client.get("/mine").status_code == 200  # the cookie was taken back
