"""A whole server for a test: its settings, a fake `claude`, and people who are logged in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from chatserver.server import create_app
from chatserver.services import Services, services_of
from chatserver.settings import ServerSettings, TaskSettings
from exporter.settings import Settings
from exporter.web.listen_address import parse_listen
from tests.fakes import claude

KEY = b"a key of the tests that is long enough"
PASSWORD = "correct horse battery staple"


def made_settings(directory: Path, database_url: str | None = None, **changes: Any) -> ServerSettings:
    """Settings with all that they name below a directory; SQLite where no database is named."""
    workspace = directory / "workspace"
    workspace.mkdir(exist_ok=True)
    listen = parse_listen("127.0.0.1:3000")
    settings = ServerSettings(
        exporter=Settings((directory / "logs",), directory / "data", listen, None, 10, (str(directory / "projects"),)),
        listen=listen,
        database_url=database_url or f"sqlite:///{directory / 'server.sqlite3'}",
        secret_key=KEY,
        tasks=TaskSettings(claude.install(directory), (workspace,)),
        environment=dict(os.environ),
    )
    return replace(settings, **changes)


@dataclass(frozen=True)
class Answer:
    """What the server says; `json` is also what a problem document holds."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Person:
    """Somebody who asks the server over HTTP."""

    client: FlaskClient
    headers: dict[str, str]
    user_id: str

    def ask(self, method: str, path: str, **given: Any) -> Answer:
        with self.client.open(path, method=method, headers=self.headers, **given) as response:
            text = response.get_data(as_text=True)
            return Answer(response.status_code, response.headers["Content-Type"], dict(response.headers), text)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: object = None) -> Answer:
        return self.ask("POST", path, **({} if body is None else {"json": body}))

    def delete(self, path: str) -> Answer:
        return self.ask("DELETE", path)


@dataclass(frozen=True)
class World:
    """A server in this process."""

    app: Flask
    settings: ServerSettings

    @property
    def services(self) -> Services:
        return services_of(self.app)

    def person(self, name: str, role: str = "user") -> Person:
        user = self.services.users.add_user(name, PASSWORD, role)
        headers = {"Authorization": f"Bearer {self.services.tokens.issue(user)}"}
        return Person(self.app.test_client(), headers, user.user_id)

    def nobody(self) -> Person:
        return Person(self.app.test_client(), {}, "")


@contextmanager
def made_world(settings: ServerSettings) -> Iterator[World]:
    """A server whose tasks wait until its services are started."""
    world = World(create_app(settings), settings)
    try:
        yield world
    finally:
        world.services.close()
