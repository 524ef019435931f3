"""The width and the colors of terminals and pipes."""

from __future__ import annotations

import os

import pytest

from tests.support.terminals import program_in_terminal

PROGRAM = """
import sys
from exporter.terminal.screen import screen
found, imported = screen(), "rich.console" in sys.modules
from rich.console import Console
console = Console()
print(*found, console.width, bool(console.color_system) and not console.no_color, imported)
"""
RICH = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM")


def seen(columns: int, **variables: str) -> list[str]:
    """Width and colors in a terminal, those that Rich finds, and whether Rich was imported for the former."""
    kept = {name: value for name, value in os.environ.items() if name not in RICH}
    return program_in_terminal(PROGRAM, columns, {**kept, "TERM": "xterm", **variables}).split()


@pytest.mark.parametrize("columns", [0, 40, 200])
@pytest.mark.parametrize("variables", [{}, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, {"TERM": ""}])
def test_the_screen_of_an_ordinary_terminal_is_that_of_rich_without_importing_it(
    columns: int, variables: dict[str, str]
) -> None:
    width, is_colored, *of_rich, imported = seen(columns, **variables)
    assert [width, is_colored] == of_rich == [str(columns or 80), "True"]
    assert imported == "False"


@pytest.mark.parametrize(
    "variables",
    [
        {"NO_COLOR": "1"}, {"NO_COLOR": ""}, {"TERM": "dumb"}, {"TERM": "Unknown"}, {"COLUMNS": "100"},
        {"COLUMNS": "100", "LINES": "9", "TERM": "dumb"}, {"FORCE_COLOR": ""}, {"TTY_COMPATIBLE": "0"},
    ],
)  # fmt: skip
def test_the_screen_of_another_terminal_is_that_of_rich(variables: dict[str, str]) -> None:
    width, is_colored, *of_rich, _imported = seen(120, **variables)
    assert [width, is_colored] == of_rich
