from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.demo.directories import DemoDirectories
from tests.dashboards.synthetic_world import World, synthetic_world
from tests.dashboards.totals import Agents
from tests.support.engines import Engine


@pytest.fixture
def agents(tmp_path: Path) -> Agents:
    directories = DemoDirectories.under(tmp_path)
    for directory in (directories.sessions, directories.transcripts):
        directory.mkdir()
    return Agents(directories)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[World]:
    with synthetic_world(tmp_path_factory.mktemp("world"), engine) as world:
        yield world
