"""Homes for reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import call, now_us
from tests.support.synthetic_transcripts import transcript_call


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def ready(home: Home) -> Home:
    """A home with hooks installed, logs and transcripts."""
    assert home.run("hooks", "install", "--statusline").returncode == 0
    call(home.sessions, "s", now_us())
    transcript_call(home.path / ".claude" / "projects", "s", now_us())
    return home
