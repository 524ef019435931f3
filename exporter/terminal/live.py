"""A table in the terminal that is refreshed until Ctrl+C."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from rich.console import Console, Group
from rich.live import Live

from exporter.terminal.descriptions import PlainTable
from exporter.terminal.rich_output import rich_table, rich_text

REFRESH_SECONDS = 5.0


class Page(NamedTuple):
    """What is shown: a table, and lines below it."""

    table: PlainTable | None
    lines: Sequence[str]


def refresh(page: Callable[[], Page]) -> None:
    """Show a page again and again."""
    with suppress(KeyboardInterrupt), Live(console=Console(highlight=False), auto_refresh=False) as shown:
        while True:
            table, lines = page()
            footer = rich_text(f"{datetime.now():%H:%M:%S}, refreshed every {REFRESH_SECONDS:g} s; Ctrl+C ends")
            shown.update(Group(*([rich_table(table)] if table else []), *map(rich_text, lines), footer), refresh=True)
            time.sleep(REFRESH_SECONDS)
