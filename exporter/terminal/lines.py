"""Printing lines of texts with styles."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from exporter.terminal.descriptions import Line, plain


def show_lines(lines: Iterable[Line]) -> None:
    """Print lines of any length; in a pipe, without styles."""
    if sys.stdout.isatty():
        from exporter.terminal.rich_output import print_lines  # noqa: PLC0415 - takes 20 ms, which scripts save

        print_lines(lines)
        return
    sys.stdout.writelines(f"{''.join(map(plain, line.pieces))}\n" for line in lines)
    sys.stdout.flush()
