"""What users do with their own account, over HTTP, on each kind of database."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from chatserver.accounts.attempts import PER_NAME
from chatserver.accounts.users import User
from chatserver.middleware.gate import CSRF_COOKIE, CSRF_HEADER, TOKEN_COOKIE
from tests.chatserver.accounts.site import PASSWORD, Site
from tests.chatserver.accounts.test_login import problem

NEW = "a staple for the battery"
COMMON = "The password is among the most common ones, which attackers try first; choose another."


def change(site: Site, user: User, old: str = PASSWORD, new: str = NEW) -> TestResponse:
    body = {"old_password": old, "new_password": new}
    return site.client().post("/api/auth/password", json=body, headers=site.bearer(user))


def test_a_new_password_ends_all_sessions_but_the_one_that_chose_it(site: Site) -> None:
    ann, bob = site.user(), site.user("bob")
    others = site.bearer(ann), site.bearer(bob)
    reply = change(site, ann)
    assert reply.status_code == 200
    assert reply.json is not None
    own = {"Authorization": f"Bearer {reply.json['token']}"}
    assert [site.client().get("/mine", headers=header).status_code for header in (own, *others)] == [200, 401, 200]
    assert site.login(site.client(), password=PASSWORD).status_code == 401
    assert site.login(site.client(), password=NEW).status_code == 200


def test_a_browser_that_changed_the_password_stays_logged_in(simple_site: Site) -> None:
    simple_site.user()
    client = simple_site.client()
    simple_site.login(client)
    for old, new in ((PASSWORD, NEW), (NEW, PASSWORD)):  # with the cookies of the first reply, the second one works
        csrf = client.get_cookie(CSRF_COOKIE)
        assert csrf is not None
        body = {"old_password": old, "new_password": new}
        assert client.post("/api/auth/password", json=body).status_code == 403
        assert client.post("/api/auth/password", json=body, headers={CSRF_HEADER: csrf.value}).status_code == 200
    assert client.get("/mine").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "status", "reason"),
    [
        ("wrong password", NEW, 403, "The old password is wrong."),
        (PASSWORD, "short", 422, "The password is too short; use at least 8 characters."),
        (PASSWORD, "Football1", 422, COMMON),
        (PASSWORD, "ann.of.arc", 422, "The password is the user name; choose one that nobody can guess."),
    ],
)
def test_a_password_that_is_refused_changes_nothing(
    simple_site: Site, old: str, new: str, status: int, reason: str
) -> None:
    ann = simple_site.user("ann.of.arc")
    reply = change(simple_site, ann, old, new)
    assert (reply.status_code, problem(reply)) == (status, reason)
    assert simple_site.users.authenticate("ann.of.arc", PASSWORD) == ann


def test_the_old_password_cannot_be_guessed_with_a_stolen_token(simple_site: Site) -> None:
    ann = simple_site.user()
    for _ in range(PER_NAME.amount):
        assert change(simple_site, ann, "wrong password").status_code == 403
    reply = change(simple_site, ann)
    assert reply.status_code == 429
    assert reply.headers["Retry-After"] in problem(reply)


def test_who_logs_out_everywhere_is_out_everywhere(site: Site) -> None:
    ann, bob = site.user(), site.user("bob")
    headers = [site.bearer(user) for user in (ann, ann, bob)]
    client = site.client()
    site.login(client)
    csrf = client.get_cookie(CSRF_COOKIE)
    assert csrf is not None
    assert client.delete("/api/auth/sessions", headers={CSRF_HEADER: csrf.value}).status_code == 204
    assert client.get_cookie(TOKEN_COOKIE) is None
    assert [site.client().get("/mine", headers=header).status_code for header in headers] == [401, 401, 200]
    assert site.login(site.client()).status_code == 200


def test_an_account_is_changed_by_its_user_only(site: Site) -> None:
    assert site.client().delete("/api/auth/sessions").status_code == 401
    body = {"old_password": PASSWORD, "new_password": NEW}
    assert site.client().post("/api/auth/password", json=body).status_code == 401
