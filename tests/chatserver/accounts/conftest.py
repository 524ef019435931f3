"""Servers that are nothing but accounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.storage.database import Database, open_database
from tests.chatserver.accounts.site import Site, made_site


@pytest.fixture
def site(database: Database) -> Site:
    """On each kind of database."""
    return made_site(database)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """Where the kind of database makes no difference."""
    with open_database(f"sqlite:///{tmp_path / 'server.sqlite3'}") as database:
        yield database


@pytest.fixture
def simple_site(sqlite: Database) -> Site:
    return made_site(sqlite)


@pytest.fixture
def production(sqlite: Database) -> Site:
    return made_site(sqlite, production=True, hosts=("agents.example.org",), origins=("https://agents.example.org",))
