"""Logging in and out, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bcrypt
import pytest
from werkzeug.test import TestResponse

from chatserver.accounts.attempts import PER_ADDRESS, PER_NAME
from chatserver.middleware.gate import CSRF_COOKIE, CSRF_HEADER, TOKEN_COOKIE
from chatserver.storage.database import Database
from tests.chatserver.accounts.site import PASSWORD, Site, made_site


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often bcrypt had to work."""
    done: list[str] = []

    def count(name: str, real: Callable[..., Any]) -> None:
        def counted(*given: bytes) -> Any:
            done.append(name)
            return real(*given)

        monkeypatch.setattr(bcrypt, name, counted)

    count("checkpw", bcrypt.checkpw)
    count("hashpw", bcrypt.hashpw)
    return done


def problem(reply: TestResponse) -> str:
    assert reply.mimetype == "application/problem+json"
    assert reply.json is not None
    return str(reply.json["detail"])


def test_who_logs_in_gets_a_token_that_is_theirs(site: Site) -> None:
    ann = site.user()
    reply = site.login(site.client(), "Ann")
    assert reply.status_code == 200
    assert reply.json is not None
    assert reply.json["user"] == {
        "user_id": ann.user_id,
        "name": "ann",
        "role": "user",
        "created_at": reply.json["user"]["created_at"],
    }
    assert reply.json["expires_at"].endswith("Z")
    header = {"Authorization": f"Bearer {reply.json['token']}"}
    verified = site.client().get("/api/auth/verify", headers=header)
    assert verified.json == {"user": reply.json["user"], "expires_at": reply.json["expires_at"]}
    assert site.logins == {"success": 1}


def test_a_browser_keeps_the_token_where_no_script_sees_it(site: Site) -> None:
    site.user()
    token, csrf = site.login(site.client()).headers.getlist("Set-Cookie")
    assert token.startswith(f"{TOKEN_COOKIE}=ey")
    assert csrf.startswith(f"{CSRF_COOKIE}=")
    lifetime = f"Max-Age={site.settings.token_seconds}"
    for cookie, hidden in ((token, True), (csrf, False)):
        parts = cookie.split("; ")
        assert {"SameSite=Strict", "Path=/", lifetime} <= set(parts)
        assert ("HttpOnly" in parts) == hidden
        assert "Secure" not in parts
        assert "Domain" not in cookie


def test_in_production_cookies_travel_over_tls_only(production: Site) -> None:
    production.user()
    reply = production.login(production.client())
    assert [cookie for cookie in reply.headers.getlist("Set-Cookie") if "; Secure;" not in cookie] == []


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer_for_the_same_work(
    site: Site, computed: list[str]
) -> None:
    site.user()
    computed.clear()
    answers = []
    for name, password in (("ann", "wrong password"), ("nobody", PASSWORD), ("no name/", PASSWORD), ("a\0b", PASSWORD)):
        reply = site.login(site.client(), name, password)
        answers.append((reply.status_code, reply.data, sorted(name for name, _ in reply.headers), tuple(computed)))
        computed.clear()
    assert answers == answers[:1] * 4
    assert answers[0][0] == 401
    assert answers[0][3] == ("checkpw",)
    assert "Set-Cookie" not in answers[0][2]
    assert site.logins == {"failure": 4}


def test_a_password_that_bcrypt_would_cut_is_wrong_for_everybody(simple_site: Site) -> None:
    simple_site.users.add_user("bob", "x" * 72)
    assert simple_site.login(simple_site.client(), "bob", "x" * 73).status_code == 401
    assert simple_site.login(simple_site.client(), "nobody", "x" * 73).status_code == 401
    assert simple_site.login(simple_site.client(), "bob", "x" * 72).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"name": "ann"}', "application/json", 400),
        (b'{"name": "ann", "password": 1}', "application/json", 400),
        (b'{"name": ["ann"], "password": "x"}', "application/json", 400),
        (b'{"name": "", "password": "x"}', "application/json", 400),
        (b'{"name": "ann", "password": "x", "role": "admin"}', "application/json", 400),
        (b'{"name": "' + b"x" * 65 + b'", "password": "x"}', "application/json", 400),
        (b'{"name": "ann", "password": "\\ud800"}', "application/json", 400),
        (b'{"name": "ann", "password": "\xff"}', "application/json", 400),
        (b"[" * 4000, "application/json", 400),
        (b"name=ann&password=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "ann", "password": "x"}', "text/plain", 415),
        (b'{"name": "ann", "password": "' + b"x" * 5000 + b'"}', "application/json", 413),
        (b" " * 10_000_000, "application/json", 413),
    ],
)
def test_what_is_no_name_and_password_is_refused_before_any_work(
    simple_site: Site, computed: list[str], body: bytes, content_type: str, status: int
) -> None:
    for path in ("/api/auth/login", "/api/auth/register"):
        reply = simple_site.client().post(path, data=body, content_type=content_type)
        assert reply.status_code == status
        assert problem(reply)
    assert computed == []


def test_passwords_are_in_no_answer_and_no_log(simple_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    secret = "a secret that nobody may see"
    simple_site.users.add_user("bob", secret)
    client = simple_site.client()
    replies = [simple_site.login(client, "bob", secret), simple_site.login(client, "bob", secret + "x")]
    for path, body in (
        ("login", {"name": "bob", "password": [secret]}),
        ("register", {"name": "x", "password": secret}),
    ):
        replies.append(client.post(f"/api/auth/{path}", json=body))
    told = "".join(reply.text for reply in replies)
    assert secret not in told
    assert secret not in caplog.text
    assert "eyJ" not in caplog.text


# Logging out.


def test_who_logs_out_is_out_everywhere_at_once(site: Site, database: Database) -> None:
    site.user()
    client, other = site.client("192.0.2.7"), made_site(database)
    token = site.login(client).json["token"]  # type: ignore[index]  # it is there
    header = {"Authorization": f"Bearer {token}"}
    assert other.client("192.0.2.7").get("/mine", headers=header).status_code == 200
    csrf = client.get_cookie(CSRF_COOKIE)
    assert csrf is not None
    assert client.post("/api/auth/logout").status_code == 403
    reply = client.post("/api/auth/logout", headers={CSRF_HEADER: csrf.value})
    assert (reply.status_code, reply.data) == (204, b"")
    assert client.get_cookie(TOKEN_COOKIE) is None
    assert client.get_cookie(CSRF_COOKIE) is None
    for server in (site, other):
        refused = server.client("192.0.2.7").get("/mine", headers=header)
        assert refused.status_code == 401
        assert problem(refused) == "The token was revoked; log in again."


def test_one_login_ends_and_the_others_go_on(site: Site) -> None:
    ann = site.user()
    first, second = site.bearer(ann), site.bearer(ann)
    assert site.client().post("/api/auth/logout", headers=first).status_code == 204
    assert site.client().post("/api/auth/logout", headers=first).status_code == 401
    assert site.client().post("/mine", headers=second).status_code == 200


# Registering.


def test_in_development_the_account_that_runs_the_server_may_register_users(site: Site) -> None:
    reply = site.client().post("/api/auth/register", json={"name": "Eve", "password": PASSWORD})
    assert reply.status_code == 201
    assert reply.json is not None
    assert reply.json["user"]["name"] == "eve"
    assert site.login(site.client(), "eve").status_code == 200
    taken = site.client().post("/api/auth/register", json={"name": "EVE", "password": "another password"})
    assert (taken.status_code, problem(taken)) == (409, "The user 'eve' exists already; choose another name.")
    assert site.users.authenticate("eve", PASSWORD)


@pytest.mark.parametrize(
    ("name", "password"), [("a b", PASSWORD), ("eve", "short"), ("eve", "x" * 73), ("eve", "\0" * 9)]
)
def test_a_bad_name_or_password_cannot_be_registered(simple_site: Site, name: str, password: str) -> None:
    reply = simple_site.client().post("/api/auth/register", json={"name": name, "password": password})
    assert reply.status_code == 422
    assert problem(reply)
    assert simple_site.users.list() == []


def test_the_first_who_registers_is_an_admin_and_later_ones_are_not(site: Site) -> None:
    def register(name: str) -> str:
        reply = site.client().post("/api/auth/register", json={"name": name, "password": PASSWORD})
        assert reply.json is not None
        mine = site.client().get("/mine", headers={"Authorization": f"Bearer {reply.json['token']}"}).json
        assert mine == {"user_id": reply.json["user"]["user_id"], "is_admin": reply.json["user"]["role"] == "admin"}
        return str(reply.json["user"]["role"])

    assert [register(name) for name in ("ann", "bob", "eve")] == ["admin", "user", "user"]


def test_nobody_registers_in_production(production: Site, sqlite: Database, computed: list[str]) -> None:
    for site in (production, made_site(sqlite, registration=False)):
        reply = site.client().post("/api/auth/register", json={"name": "eve", "password": PASSWORD})
        assert reply.status_code == 403
        assert "hookmeter users add" in problem(reply)
    assert production.users.list() == []
    assert computed == []


# Guessing.


def test_guesses_at_one_name_are_bounded_wherever_they_come_from(simple_site: Site, computed: list[str]) -> None:
    simple_site.user()
    computed.clear()
    for number in range(PER_NAME.amount):
        assert simple_site.login(simple_site.client(f"192.0.2.{number}"), "ann", "wrong one").status_code == 401
    work = list(computed)
    for name in ("ann", "ANN"):
        reply = simple_site.login(simple_site.client("192.0.2.200"), name)
        assert reply.status_code == 429
        assert 1 <= int(reply.headers["Retry-After"]) <= 60
        assert reply.headers["Retry-After"] in problem(reply)
    assert computed == work
    assert simple_site.logins == {"failure": PER_NAME.amount, "limited": 2}
    simple_site.user("bob")
    assert simple_site.login(simple_site.client("192.0.2.200"), "bob").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Forwarded-For": "203.0.113.{0}"}, {"X-Real-IP": "203.0.113.{0}"}, {"Forwarded": "for=203.0.113.{0}"},
     {"True-Client-IP": "203.0.113.{0}"}],
)  # fmt: skip
def test_guesses_from_one_address_are_bounded_whatever_it_says_of_itself(
    simple_site: Site, computed: list[str], headers: dict[str, str]
) -> None:
    simple_site.user()
    client = simple_site.client("192.0.2.7")

    def guess(number: int) -> TestResponse:
        said = {name: value.format(number) for name, value in headers.items()}
        return simple_site.login(client, f"guess{number}", "wrong password", headers=said)

    assert [guess(number).status_code for number in range(PER_ADDRESS.amount)] == [401] * PER_ADDRESS.amount
    computed.clear()
    assert guess(99).status_code == 429
    assert client.post("/api/auth/register", json={"name": "eve", "password": PASSWORD}).status_code == 429
    assert computed == []
    assert simple_site.login(simple_site.client("192.0.2.8")).status_code == 200


def test_behind_a_trusted_proxy_the_address_is_the_forwarded_one(sqlite: Database) -> None:
    site = made_site(sqlite, proxies=1)
    client = site.client("10.0.0.1")
    for number in range(PER_ADDRESS.amount + 1):
        # Only the last address is the proxy's word; those before it are the client's own.
        last = site.login(client, f"guess{number}", headers={"X-Forwarded-For": f"203.0.113.{number}, 192.0.2.7"})
    assert last.status_code == 429
    assert site.login(client, headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 401


def test_one_network_of_ipv6_counts_as_one_address(simple_site: Site) -> None:
    for number in range(PER_ADDRESS.amount + 1):
        last = simple_site.login(simple_site.client(f"2001:db8:0:1::{number:x}"), f"guess{number}")
    assert last.status_code == 429
    assert simple_site.login(simple_site.client("2001:db8:0:2::1"), "guess").status_code == 401
