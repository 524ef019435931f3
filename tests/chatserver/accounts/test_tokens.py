"""Tokens: which are good, and for how long."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from chatserver.accounts.token_codec import ExpiredTokenError, TokenError, UnusableTokenError
from chatserver.accounts.tokens import RevokedTokenError, Tokens
from chatserver.storage.database import Database
from chatserver.storage.schema import revoked_tokens
from tests.chatserver.accounts.site import KEY, PASSWORD, Site, claims_of, made_settings, made_site, signed

Change = Callable[[dict[str, Any]], dict[str, Any]]


def segment(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def raw_token(header: bytes, payload: bytes, key: bytes = KEY, digest: str = "sha256") -> str:
    """A token of any bytes, signed as it should be."""
    signed_part = f"{segment(header)}.{segment(payload)}"
    return f"{signed_part}.{segment(hmac.new(key, signed_part.encode(), digest).digest())}"


def test_a_token_is_its_users(site: Site) -> None:
    ann = site.user()
    identity = site.tokens.verify(site.tokens.issue(ann))
    assert identity.user == ann
    assert time.time() < identity.expires_us / 1e6 <= time.time() + site.settings.token_seconds
    assert site.tokens.is_valid(identity)


def test_no_two_tokens_are_the_same(simple_site: Site) -> None:
    ann = simple_site.user()
    assert len({simple_site.tokens.issue(ann) for _ in range(50)}) == 50


def test_what_is_in_a_token_signed_by_hand_is_trusted(simple_site: Site) -> None:
    """So that the tests below refuse what they say that they do, and not their own slip."""
    ann = simple_site.user()
    assert simple_site.tokens.verify(signed(claims_of(simple_site, ann))).user == ann


CLAIMS: dict[str, tuple[Change, type[TokenError]]] = {
    "expired": (
        lambda c: {**c, "iat": c["iat"] - 9000, "nbf": c["nbf"] - 9000, "exp": c["iat"] - 60},
        ExpiredTokenError,
    ),
    "expired within the clocks' tolerance": (lambda c: {**c, "exp": c["iat"] - 1}, ExpiredTokenError),
    "given out in the future": (lambda c: {**c, "iat": c["iat"] + 60}, UnusableTokenError),
    "not yet valid": (lambda c: {**c, "nbf": c["nbf"] + 60}, UnusableTokenError),
    "good for too long": (lambda c: {**c, "exp": c["exp"] + 1}, UnusableTokenError),
    "good for ever": (lambda c: {**c, "exp": 10**99}, UnusableTokenError),
    "an end as a text": (lambda c: {**c, "exp": str(c["exp"])}, UnusableTokenError),
    "an end as a fraction": (lambda c: {**c, "exp": float(c["exp"])}, UnusableTokenError),
    "an end that is true": (lambda c: {**c, "exp": True}, TokenError),
    "an infinite end": (lambda c: {**c, "exp": float("inf")}, UnusableTokenError),
    "an end that is no number": (lambda c: {**c, "exp": float("nan")}, UnusableTokenError),
    "for nobody": (lambda c: {**c, "sub": ""}, UnusableTokenError),
    "for a number": (lambda c: {**c, "sub": 5}, UnusableTokenError),
    "for NUL": (lambda c: {**c, "sub": "\0" * 16}, UnusableTokenError),
    "for somebody else": (lambda c: {**c, "sub": "0" * 16}, RevokedTokenError),
    "for another audience": (lambda c: {**c, "aud": "elsewhere"}, UnusableTokenError),
    "for several audiences": (lambda c: {**c, "aud": ["hookmeter", "elsewhere"]}, UnusableTokenError),
    "by another issuer": (lambda c: {**c, "iss": "elsewhere"}, UnusableTokenError),
    "an id of another form": (lambda c: {**c, "jti": "1"}, UnusableTokenError),
    "an id with a line break": (lambda c: {**c, "jti": c["jti"][:-1] + "\n"}, UnusableTokenError),
    "an id that is a number": (lambda c: {**c, "jti": 7}, UnusableTokenError),
    "more than it should say": (lambda c: {**c, "role": "admin"}, UnusableTokenError),
    "from before the password": (lambda c: {**c, "since": c["since"] - 1}, RevokedTokenError),
    "too much of it": (lambda c: {**c, "iss": "x" * 1000}, UnusableTokenError),
}


@pytest.mark.parametrize("what", CLAIMS)
def test_a_token_with_other_claims_is_refused(simple_site: Site, what: str) -> None:
    change, error = CLAIMS[what]
    with pytest.raises(error):
        simple_site.tokens.verify(signed(change(claims_of(simple_site, simple_site.user()))))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "since"])
def test_a_token_without_a_claim_is_refused(simple_site: Site, claim: str) -> None:
    claims = claims_of(simple_site, simple_site.user())
    for changed in ({**claims, claim: None}, {name: value for name, value in claims.items() if name != claim}):
        with pytest.raises(UnusableTokenError):
            simple_site.tokens.verify(signed(changed))


def test_only_the_one_algorithm_is_taken(simple_site: Site) -> None:
    claims = claims_of(simple_site, simple_site.user())
    payload = json.dumps(claims, separators=(",", ":")).encode()
    long_key = KEY * 3
    unsigned = raw_token(b'{"alg":"none","typ":"JWT"}', payload).rpartition(".")[0] + "."
    tokens = [
        unsigned,
        unsigned + "A" * 43,
        signed(claims, long_key, "HS512"),
        signed(claims, long_key, "HS384"),
        *(raw_token(b'{"alg":"%s","typ":"JWT"}' % alg, payload) for alg in (b"none", b"None", b"RS256", b"hs256", b"")),
        raw_token(b'{"alg":"HS512","typ":"JWT"}', payload, digest="sha512"),
        raw_token(b'{"typ":"JWT"}', payload),
        raw_token(b'{"alg":["HS256"],"typ":"JWT"}', payload),
    ]
    good = raw_token(b'{"alg":"HS256","typ":"JWT"}', payload)
    assert simple_site.tokens.verify(good)
    for token in tokens:
        with pytest.raises(UnusableTokenError):
            simple_site.tokens.verify(token)


def test_only_the_one_form_of_a_token_is_taken(simple_site: Site) -> None:
    ann = simple_site.user()
    claims = claims_of(simple_site, ann)
    good = signed(claims)
    header, payload, signature = good.split(".")
    plain = json.dumps(claims, separators=(",", ":"))
    head = b'{"alg":"HS256","typ":"JWT"}'
    others = [
        "", ".", "..", "a.b.c", good + "=", good + " ", " " + good, good + "\n", good + ".x", f"{header}.{payload}",
        f"{header}=.{payload}.{signature}", f"{header}.{payload}.{signature[:-1]}", good[:-2] + "é" + good[-1],
        "\ud800", f"{header}..{signature}", "é" * 2000, "." * 5000, "a" * 100_000,
        signed(claims, kid="1"), signed(claims, typ="at+jwt"),
        raw_token(head, plain.replace('"sub":', '"sub":"0000000000000000","sub":').encode()),
        raw_token(head, plain.replace(",", ", ").encode()),
        raw_token(b'{"typ":"JWT","alg":"HS256"}', plain.encode()),
        raw_token(b'{"alg":"HS256","b64":false,"crit":["b64"],"typ":"JWT"}', b""),
        raw_token(head, b"[]"), raw_token(head, b"[" * 500), raw_token(head, b"9" * 600), raw_token(head, b"\xff"),
        raw_token(b"[]", plain.encode()), raw_token(b"\xff", plain.encode()),
    ]  # fmt: skip
    assert simple_site.tokens.verify(good).user == ann
    for token in others:
        with pytest.raises(UnusableTokenError):
            simple_site.tokens.verify(token)


def test_a_token_that_was_tampered_with_is_refused_wherever_that_was(simple_site: Site) -> None:
    good = simple_site.tokens.issue(simple_site.user())
    for at in range(len(good)):
        changed = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        with pytest.raises(UnusableTokenError):
            simple_site.tokens.verify(changed)


def test_a_token_of_another_key_is_refused(sqlite: Database, simple_site: Site) -> None:
    other = Tokens(sqlite, made_settings(secret_key=bytes(reversed(KEY))))
    token = other.issue(simple_site.user())
    assert other.verify(token)
    with pytest.raises(UnusableTokenError):
        simple_site.tokens.verify(token)


def test_no_token_is_signed_with_a_short_key(sqlite: Database, simple_site: Site) -> None:
    with pytest.raises(Exception, match="below the minimum"):
        Tokens(sqlite, made_settings(secret_key=b"short")).issue(simple_site.user())


def test_a_shorter_lifetime_holds_for_tokens_that_are_out(sqlite: Database, simple_site: Site) -> None:
    token = simple_site.tokens.issue(simple_site.user())
    with pytest.raises(UnusableTokenError):
        Tokens(sqlite, made_settings(token_seconds=60)).verify(token)


def test_a_token_may_come_from_a_server_whose_clock_is_a_little_ahead(simple_site: Site) -> None:
    claims = claims_of(simple_site, simple_site.user())
    ahead = {name: claims[name] + 3 for name in ("iat", "nbf", "exp")}
    assert simple_site.tokens.verify(signed({**claims, **ahead}))


def test_a_revoked_token_is_worth_nothing_on_any_server(site: Site, database: Database) -> None:
    other, ann = made_site(database), site.user()
    token, kept = site.tokens.issue(ann), site.tokens.issue(ann)
    identity = other.tokens.verify(token)
    site.tokens.revoke(identity.jti, identity.expires_us)
    for server in (site, other):
        with pytest.raises(RevokedTokenError):
            server.tokens.verify(token)
        assert server.tokens.verify(kept)
    assert not site.tokens.is_valid(identity)
    assert not other.tokens.is_valid(identity)


def test_to_revoke_twice_is_to_revoke(site: Site) -> None:
    heard: list[str] = []
    site.tokens.on_revoked(heard.append)
    identity = site.tokens.verify(site.tokens.issue(site.user()))
    for _ in range(2):
        site.tokens.revoke(identity.jti, identity.expires_us)
    assert heard == [identity.jti]


def test_who_listens_hears_of_each_revocation_until_they_leave(simple_site: Site) -> None:
    tokens, heard, ann = simple_site.tokens, list[bool](), simple_site.user()
    first, second = (tokens.verify(tokens.issue(ann)) for _ in range(2))
    assert tokens.is_valid(first, within_seconds=3600)
    leave = tokens.on_revoked(lambda _jti: heard.append(tokens.is_valid(first, within_seconds=3600)))
    tokens.revoke(first.jti, first.expires_us)
    assert heard == [False]  # what was known before is forgotten by then
    leave()
    tokens.revoke(second.jti, second.expires_us)
    assert heard == [False]


def test_revocations_are_forgotten_once_the_tokens_are_long_over(site: Site, database: Database) -> None:
    long_ago = [{"jti": str(number), "expires_us": number} for number in range(5)]
    database.run(lambda connection: connection.execute(insert(revoked_tokens), long_ago))
    identity = site.tokens.verify(site.tokens.issue(site.user()))
    site.tokens.revoke(identity.jti, identity.expires_us)
    assert (
        database.run_read_only(lambda connection: connection.scalar(select(func.count()).select_from(revoked_tokens)))
        == 1
    )


def test_a_new_password_revokes_all_that_went_before_on_any_server(site: Site, database: Database) -> None:
    ann, other = site.user(), made_site(database)
    token = site.tokens.issue(ann)
    identity = other.tokens.verify(token)
    assert other.tokens.is_valid(identity)
    changed = site.users.change_password("ann", "another password")
    assert not other.tokens.is_valid(identity)
    for server in (site, other):
        with pytest.raises(RevokedTokenError):
            server.tokens.verify(token)
        with pytest.raises(RevokedTokenError):  # its password was checked before the change, the token given after
            server.tokens.verify(site.tokens.issue(ann))
        assert server.tokens.verify(site.tokens.issue(changed)).user == changed


def test_who_was_removed_has_no_token_even_if_their_name_comes_again(site: Site) -> None:
    token = site.tokens.issue(site.user())
    site.users.remove("ann")
    with pytest.raises(RevokedTokenError):
        site.tokens.verify(token)
    site.users.add_user("ann", PASSWORD)
    with pytest.raises(RevokedTokenError):
        site.tokens.verify(token)


def test_many_streams_of_one_token_ask_the_database_once(simple_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = simple_site.tokens.verify(simple_site.tokens.issue(simple_site.user()))
    asked = 0
    real = Database.run_read_only

    def counted(database: Database, work: Any) -> Any:
        nonlocal asked
        asked += 1
        return real(database, work)

    monkeypatch.setattr(Database, "run_read_only", counted)
    assert all(simple_site.tokens.is_valid(identity, within_seconds=3600) for _ in range(1000))
    assert asked == 1
    assert simple_site.tokens.is_valid(identity)
    assert asked == 2


def test_what_is_open_ends_with_its_token(simple_site: Site) -> None:
    tokens = simple_site.tokens
    claims = claims_of(simple_site, simple_site.user())
    identity = tokens.verify(signed(claims))
    assert not tokens.is_valid(type(identity)(identity.user, identity.jti, 1))


def test_a_csrf_token_belongs_to_one_token_and_reveals_nothing_of_the_key(simple_site: Site) -> None:
    first, second = (simple_site.tokens.csrf_token(jti) for jti in "ab")
    assert first != second
    assert first != hmac.new(KEY, b"a", hashlib.sha256).hexdigest()
