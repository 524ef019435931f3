"""The commands of ccusage that docs/costs.md names: ccusage has them, and its weeks begin as it says."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import ROOT
from tests.support.hookmeter_process import Home
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, write

DAY = 86_400
TABLE = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8").split("| ccusage | hookmeter |\n|---|---|\n")[1]
ROWS = TABLE.split("\n\n")[0].splitlines()
NAMED = [code for row in ROWS for code in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
COMMANDS = [code for code in NAMED if code.startswith("ccusage ")]
OPTIONS = [code for code in NAMED if code.startswith("--")]
READS = {"UUID": SESSION, "DIRECTORY": SLUG}
OF_A_STATUS_LINE = {"session_id": SESSION, "transcript_path": "", "cwd": "/", "model": {"id": "m", "display_name": "M"},
                    "workspace": {"current_dir": "/", "project_dir": "/"}, "version": "1"}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a message of a Sunday, and one of the Monday after it."""
    transcripts = tmp_path / ".claude" / "projects" / SLUG
    write(transcripts / f"{SESSION}.jsonl", assistant_line(1), assistant_line(2, second=DAY))
    return Home(tmp_path)


def said(ccusage: str, home: Home, command: str) -> str:
    """What ccusage prints, which fails the test if it does not know the command or an option."""
    for placeholder, text in READS.items():
        command = command.replace(placeholder, text)
    words = [ccusage, *command.split()[1:], "--offline"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home.path), "TZ": "UTC", "NO_COLOR": "1"}
    status = json.dumps(OF_A_STATUS_LINE)
    done = subprocess.run(
        words, input=status, env=environment, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [*COMMANDS, *(f"ccusage daily {options}" for options in OPTIONS)])
def test_ccusage_has_each_command_and_option_in_the_place_of_which_hookmeter_has_one(
    ccusage: str, home: Home, command: str
) -> None:
    said(ccusage, home, command)


def test_each_command_of_ccusage_that_is_about_claude_code_has_its_row(ccusage: str, home: Home) -> None:
    listed = said(ccusage, home, "ccusage claude --help").split("COMMANDS:\n")[1].split("\n\n")[0]
    assert "daily" in listed
    assert {line.split()[0] for line in listed.splitlines()} <= {command.split()[1] for command in COMMANDS}


def test_weeks_begin_on_mondays_but_those_of_ccusage_claude(ccusage: str, home: Home) -> None:
    def weeks(command: str, name: str) -> list[Any]:
        return [row[name] for row in json.loads(said(ccusage, home, f"{command} --json"))["weekly"]]

    ours = json.loads(home.run("cost", "--by", "week", "--timezone", "UTC", "--json").stdout)["rows"]
    assert [row["week"] for row in ours] == weeks("ccusage weekly", "period") == ["2026-11-16", "2026-11-23"]
    assert weeks("ccusage claude weekly", "week") == ["2026-11-22"]
