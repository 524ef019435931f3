from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exporter.demo.directories import DemoDirectories
from tests.conftest import program
from tests.dashboards.totals import Agents

ALERTMANAGERS = ("prometheus-alertmanager", "alertmanager")  # its name in Debian, and its own


@pytest.fixture
def agents(tmp_path: Path) -> Agents:
    directories = DemoDirectories.under(tmp_path)
    for directory in (directories.sessions, directories.transcripts):
        directory.mkdir()
    return Agents(directories)


@pytest.fixture
def alertmanager() -> str:
    return program(next(filter(shutil.which, ALERTMANAGERS), ALERTMANAGERS[0]))
