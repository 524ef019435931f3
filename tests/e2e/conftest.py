"""The real Claude Code for tests, where there is one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatserver.storage.database import open_database
from tests.chatserver.tasks.place import Place
from tests.e2e.scenarios import scripts
from tests.e2e.scripted_api import scripted_api
from tests.e2e.workplace import Workplace

pytest.register_assert_rewrite("tests.e2e.agreement")


@pytest.fixture
def claude() -> str:
    """Claude Code's own CLI; the test is skipped where there is none."""
    return executable("claude")


@pytest.fixture
def ccusage() -> str:
    """The ccusage to compare with; the test is skipped where there is none."""
    return executable("ccusage")


def executable(name: str) -> str:
    """Where a program is that only tests need."""
    variable = f"HOOKMETER_TEST_{name.upper()}"
    found = shutil.which(os.environ.get(variable, name))
    if found is None:
        pytest.skip(f"{name} is not installed; {variable} may name it")
    return str(Path(found).absolute())


@pytest.fixture
def workplace(claude: str, tmp_path: Path) -> Iterator[Workplace]:
    with scripted_api(scripts(tmp_path / "shop")) as api:
        place = Workplace(claude, tmp_path, api)
        for directory in (place.project, tmp_path / "home"):
            directory.mkdir()
        install = [sys.executable, "-m", "exporter", "hooks", "install"]
        subprocess.run(
            [*install, "--project", place.project, "--sessions-dir", place.sessions], check=True, capture_output=True
        )
        yield place


@pytest.fixture
def place(workplace: Workplace, tmp_path: Path) -> Iterator[Place]:
    """A server whose tasks work in the workplace's project."""
    settings = workplace.project / ".claude" / "settings.local.json"
    settings.write_text(json.dumps({"permissions": {"allow": ["Bash", "Agent"]}}))
    (tmp_path / "work").symlink_to(workplace.project)
    with open_database(f"sqlite:///{tmp_path}/server.sqlite3") as database:
        made = Place(tmp_path, database, workplace.cli, workplace.environment, (str(workplace.projects),))
        with made.closing:
            yield made
