from __future__ import annotations

from pathlib import Path

import pytest

from exporter.demo.directories import DemoDirectories
from tests.dashboards.totals import Agents


@pytest.fixture
def agents(tmp_path: Path) -> Agents:
    directories = DemoDirectories.under(tmp_path)
    for directory in (directories.sessions, directories.transcripts):
        directory.mkdir()
    return Agents(directories)
