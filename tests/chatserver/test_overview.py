"""The list of commands."""

from __future__ import annotations

import subprocess
import sys

from chatserver.cli.main import COMMANDS
from exporter.overview import overview

COLUMNS = 80
PROGRAM = "import sys; from chatserver.cli.main import main; main(); sys.exit('click' in sys.modules)"


def test_each_command_is_listed_once() -> None:
    listed = [line.split()[0] for line in overview(COMMANDS).splitlines() if line.startswith("  ")]
    assert sorted(listed) == sorted([*COMMANDS, "--version", "-h,"])


def test_the_list_fits_a_narrow_terminal() -> None:
    assert max(map(len, overview(COMMANDS).splitlines())) <= COLUMNS


def test_the_list_imports_no_library() -> None:
    listed = subprocess.run([sys.executable, "-c", PROGRAM, "--help"], check=True, capture_output=True, text=True)
    assert listed.stdout == f"{overview(COMMANDS)}\n"
