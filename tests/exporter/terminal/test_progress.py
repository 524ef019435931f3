"""The progress bar of long work, in a terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.support.hookmeter_process import Home
from tests.support.terminals import in_terminal, program_in_terminal

PROGRAM = """
import sys
from exporter.terminal.messages import progress
is_shown = lambda: "rich.progress" in sys.modules
with progress() as track:
    for number in track(range(10**12)):
        assert number or not is_shown()
        if is_shown():
            break
print("shown after", number)
"""


def test_a_bar_shows_how_much_of_long_work_is_done() -> None:
    written = program_in_terminal(PROGRAM, 80, {**os.environ, "TERM": "xterm"})
    bar = re.search(r"reading .* (\d+)/1000000000000", re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", written))
    assert bar
    assert written.splitlines()[-1].endswith(f"shown after {bar[1]}")


def test_short_work_needs_no_rich_console(tmp_path: Path) -> None:
    shown = "\n".join(in_terminal(Home(tmp_path).with_variables(PYTHONPROFILEIMPORTTIME="1"), 120, "cost"))
    assert "No API messages" in shown
    assert "exporter.terminal.messages" in shown
    assert "rich.console" not in shown
