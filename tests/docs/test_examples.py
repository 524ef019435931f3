"""Tables that the documents show after a command have the columns that it prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from exporter.demo.directories import DemoDirectories
from exporter.demo.sample import write_history
from exporter.model.clock import now_us
from tests.docs.blocks import Block, all_blocks
from tests.support.hookmeter_process import Home

EXAMPLE = re.compile(r"^\$ hookmeter (.*)\n((?:.*\S.*\n)+)", re.MULTILINE)
SHORT_ID = re.compile(r"\b[0-9a-f]{4}$")
SESSIONS = [block for block in all_blocks() if block.is_session]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    write_history(DemoDirectories(found.sessions, tmp_path / ".claude" / "projects"), now_us())
    return found


@pytest.mark.parametrize("block", SESSIONS, ids=lambda block: block.place)
def test_a_table_has_the_columns_that_are_printed(block: Block, home: Home) -> None:
    examples = EXAMPLE.findall(block.text)
    assert len(examples) == block.text.count("$ hookmeter ")
    for command, output in examples:
        words = SHORT_ID.sub(newest_session(home), command).split()
        printed = home.run(*words)
        assert printed.returncode == 0, printed.stderr
        if words[0] != "search":  # whose results are no table
            assert columns(output) == columns(printed.stdout), command


def newest_session(home: Home) -> str:
    sessions: list[dict[str, str]] = json.loads(home.run("sessions", "--json").stdout)
    return sessions[0]["session_uuid"]


def columns(output: str) -> list[str]:
    """The first line without a digit and a colon, word by word: the head of the table."""
    return next(line for line in output.splitlines() if not re.search(r"\d|: ", line)).split()
