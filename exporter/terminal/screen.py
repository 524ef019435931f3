"""Where standard output goes: how wide a line can be there, and whether it has colors."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NamedTuple

# With any of these, Rich decides by rules of its own.
VARIABLES = frozenset({"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"})
DUMB_TERMINALS = ("dumb", "unknown")
DEFAULT_COLUMNS = 80  # of a terminal that does not have its width


class Screen(NamedTuple):
    """A terminal, or a pipe."""

    width: int
    is_colored: bool


PIPE = Screen(4_000, is_colored=False)  # so wide that practically nothing is too long


def screen() -> Screen:
    """The screen as Rich sees it, without Rich for an ordinary terminal."""
    if not sys.stdout.isatty():
        return PIPE
    is_dumb = os.environ.get("TERM", "").lower() in DUMB_TERMINALS
    if os.name == "posix" and not is_dumb and VARIABLES.isdisjoint(os.environ):
        return Screen(_columns(), is_colored=True)
    from rich.console import Console  # noqa: PLC0415 - takes 20 ms, which ordinary terminals and scripts save

    console = Console(file=sys.stdout)
    return Screen(console.width, bool(console.color_system) and not console.no_color)


def _columns() -> int:
    """The columns of the first terminal among standard input, output and error."""
    for descriptor in range(3):
        with suppress(OSError):
            return os.get_terminal_size(descriptor).columns or DEFAULT_COLUMNS
    return DEFAULT_COLUMNS
