"""A server that is nothing but accounts: the gate, the headers, logging in, and a few views behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jwt
from flask import Flask, request
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import TestResponse

from chatserver.accounts.attempts import Attempts
from chatserver.accounts.token_codec import TokenCodec
from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import User, Users
from chatserver.api.account import account
from chatserver.api.auth import auth
from chatserver.live.broadcast import Broadcaster
from chatserver.middleware import errors, gate, headers
from chatserver.monitoring.server_metrics import ServerMetrics
from chatserver.services import EXTENSION
from chatserver.settings import ServerSettings, TaskSettings
from chatserver.storage.database import Database
from chatserver.web.origins import Origins, allowed_origins
from exporter.settings import Settings
from exporter.web.listen_address import parse_listen
from tests.chatserver.connections import own_environ

KEY = b"a key of the tests that is long enough"
PASSWORD = "correct horse battery"
ROUNDS = 4  # the fewest that bcrypt knows


def made_settings(**changes: Any) -> ServerSettings:
    nowhere = Path("/nowhere")
    exporter = Settings((nowhere,), nowhere, parse_listen("127.0.0.1:0"), None, 10)
    settings = ServerSettings(exporter, parse_listen("127.0.0.1:3000"), "", KEY, TaskSettings("claude", (nowhere,)))
    return replace(settings, **changes)


@dataclass(frozen=True)
class Site:
    """What the views find as the app's services."""

    app: Flask
    settings: ServerSettings
    origins: Origins
    users: Users
    tokens: Tokens
    attempts: Attempts
    metrics: ServerMetrics

    @property
    def logins(self) -> dict[str, float]:
        """How many logins ended how; results that none had are left out."""
        (family,) = self.metrics.logins.collect()
        return {sample.labels["result"]: sample.value for sample in family.samples if sample.value}

    def client(self, address: str = "127.0.0.1") -> FlaskClient:
        """A browser of its own, at an address, of the account that runs the server."""
        client = self.app.test_client()
        client.environ_base.update(own_environ(), REMOTE_ADDR=address)
        return client

    def strangers_client(self) -> FlaskClient:
        """A browser at this machine, of which the server cannot find that it is of its own account."""
        return self.app.test_client()

    def user(self, name: str = "ann", role: str = "user") -> User:
        return self.users.add_user(name, PASSWORD, role)

    def login(self, client: FlaskClient, name: str = "ann", password: str = PASSWORD, **given: Any) -> TestResponse:
        return client.post("/api/auth/login", json={"name": name, "password": password}, **given)

    def bearer(self, user: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.issue(user)}"}


def made_site(database: Database, **changes: Any) -> Site:
    settings = made_settings(**changes)
    app = Flask("tests.site", static_folder=None)
    app.testing = True
    metrics = ServerMetrics(Broadcaster(), lambda: 0, CollectorRegistry())
    users, tokens = Users(database, ROUNDS), Tokens(database, settings)
    site = Site(
        app,
        settings,
        allowed_origins(settings.listen.host, settings.hosts, settings.origins),
        users,
        tokens,
        Attempts(),
        metrics,
    )
    app.extensions[EXTENSION] = site
    for module in (errors, gate, headers):
        module.install(app)
    app.register_blueprint(auth)
    app.register_blueprint(account)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies)  # type: ignore[method-assign]  # as its manual says

    @app.route("/mine", methods=["GET", "POST"])
    def mine() -> dict[str, object]:
        viewer = gate.current_viewer()
        return {"user_id": viewer.user_id, "is_admin": viewer.is_admin}

    @app.get("/open")
    @gate.public
    def opened() -> str:
        return "<!doctype html><title>open</title>"

    @app.get("/broken")
    @gate.public
    def broken() -> str:
        raise RuntimeError

    @app.get("/socket", websocket=True)
    @gate.public
    def socket() -> str:
        gate.check_socket(request)
        return "connected"

    return site


def signed(claims: dict[str, object], key: bytes = KEY, algorithm: str = "HS256", **fields: str) -> str:
    """A token as PyJWT signs it, whatever it says."""
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return jwt.PyJWS().encode(payload, key, algorithm, headers=dict(fields) or None)


def claims_of(site: Site, user: User) -> dict[str, Any]:
    """What stands in a good token of the user."""
    claims = TokenCodec(KEY, 10**9).decode(site.tokens.issue(user))
    return {name: getattr(claims, name) for name in claims.__struct_fields__}
