"""Servers and people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chatserver.world import Person, World, made_settings, made_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Where the kind of database makes no difference."""
    with made_world(made_settings(tmp_path)) as world:
        yield world


@pytest.fixture
def both(tmp_path: Path, database_url: str) -> Iterator[World]:
    """On each kind of database."""
    with made_world(made_settings(tmp_path, database_url)) as world:
        yield world


@pytest.fixture
def ann(world: World) -> Person:
    return world.person("ann")


@pytest.fixture
def admin(world: World) -> Person:
    return world.person("root", "admin")
