"""Databases of both kinds, and servers that are nothing but accounts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chatserver.storage.database import Database, open_database
from tests.chatserver.accounts.site import Site, made_site
from tests.chatserver.postgres import postgres, programs


@pytest.fixture(scope="session")
def postgres_directory() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres(found) as directory:
        yield directory


@pytest.fixture
def postgres_url(postgres_directory: str) -> Iterator[str]:
    """The address of an empty database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(host=postgres_directory, user="tests", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql+psycopg://tests@/{name}?host={postgres_directory}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'server.sqlite3'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_database(database_url) as database:
        yield database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Where the kind of database makes no difference."""
    with open_database(f"sqlite:///{tmp_path / 'server.sqlite3'}") as database:
        yield database


@pytest.fixture
def site(database: Database) -> Site:
    """A server on each kind of database."""
    return made_site(database)


@pytest.fixture
def simple_site(sqlite: Database) -> Site:
    return made_site(sqlite)


@pytest.fixture
def production(sqlite: Database) -> Site:
    return made_site(sqlite, production=True, hosts=("agents.example.org",), origins=("https://agents.example.org",))
