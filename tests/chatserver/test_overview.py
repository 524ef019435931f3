"""The list of commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from chatserver.cli.main import COMMANDS
from exporter.overview import overview
from tests.support.hookmeter_process import Home

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


def test_a_shell_completes_commands_without_importing_them(tmp_path: Path) -> None:
    asked = {"_HOOKMETER_COMPLETE": "zsh_complete", "COMP_WORDS": "hookmeter co", "COMP_CWORD": "1"}
    completed = Home(tmp_path, {**asked, "PYTHONPROFILEIMPORTTIME": "1"}).run()
    kinds, names, texts = (completed.stdout.splitlines()[part::3] for part in range(3))
    assert dict(zip(names, texts, strict=True)) == {
        name: command.help for name, command in COMMANDS.items() if name.startswith("co")
    }
    assert set(kinds) == {"plain"}
    assert "exporter.commands.cost" not in completed.stderr
