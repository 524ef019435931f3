from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exporter.demo.directories import DemoDirectories
from tests.conftest import program
from tests.dashboards.totals import Agents

ALERTMANAGERS = ("prometheus-alertmanager", "alertmanager")  # Debian's name for it, and everybody's


@pytest.fixture
def agents(tmp_path: Path) -> Agents:
    directories = DemoDirectories.under(tmp_path)
    for folder in (directories.sessions, directories.transcripts):
        folder.mkdir()
    return Agents(directories)


@pytest.fixture
def alertmanager() -> str:
    return program(next(filter(shutil.which, ALERTMANAGERS), ALERTMANAGERS[0]))
