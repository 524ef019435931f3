"""A place where tasks run: a workspace, a Claude Code that is a small script, and servers on a database."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.storage.database import Database
from tests.chatserver.tasks.place import Place


@pytest.fixture
def place(tmp_path: Path, database: Database) -> Iterator[Place]:
    made = Place(tmp_path, database, str(Path(__file__).with_name("fake_claude.py")), dict(os.environ))
    made.workspace.mkdir()
    with made.closing:
        yield made


@pytest.fixture(scope="session", autouse=True)
def _fake_claude_runs_with_this_python() -> None:
    """The script's first line names `python3`; it wants nothing but the standard library."""
    assert sys.version_info >= (3, 11)
