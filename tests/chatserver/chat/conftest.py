"""Chats on the servers that carry them, with a person who has a token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import Users
from chatserver.storage.database import open_database
from tests.chatserver.chat.people import People
from tests.chatserver.chat.servers import gunicorn, threaded
from tests.chatserver.chat.site import Site, made_settings
from tests.chatserver.chat.socketio_client import SocketIoClient, socketio_client
from tests.fakes import claude


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'chat.sqlite3'}"


@pytest.fixture
def people(tmp_path: Path, sqlite: str) -> Iterator[People]:
    """Whoever has tokens on the servers of this test."""
    with open_database(sqlite) as database:
        yield People(database, Users(database, 4), Tokens(database, made_settings(tmp_path, sqlite, "")))


@pytest.fixture
def token(people: People) -> str:
    return people.token("ann")


@pytest.fixture
def site(tmp_path: Path, sqlite: str) -> Iterator[tuple[str, Site]]:
    """A server with threads, in this process: its address, and what it is made of."""
    with threaded(tmp_path, sqlite, claude.install(tmp_path)) as served:
        yield served


@pytest.fixture(params=["threads", "gevent"])
def url(request: pytest.FixtureRequest, tmp_path: Path, sqlite: str) -> Iterator[str]:
    """The address of a server of each kind."""
    serve = threaded if request.param == "threads" else gunicorn
    with serve(tmp_path, sqlite, claude.install(tmp_path)) as (address, _):
        yield address


@pytest.fixture
def client() -> Iterator[SocketIoClient]:
    with socketio_client() as client:
        yield client
