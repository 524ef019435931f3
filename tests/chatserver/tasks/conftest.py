"""A place where tasks run: a workspace, a Claude Code that is a small script, and servers on a database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.storage.database import Database
from tests.chatserver.tasks.place import Place
from tests.fakes import claude


@pytest.fixture
def place(tmp_path: Path, database: Database) -> Iterator[Place]:
    made = Place(tmp_path, database, claude.install(tmp_path), dict(os.environ))
    made.workspace.mkdir()
    with made.closing:
        yield made
