"""A progress bar on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


@contextmanager
def progress_bar(total: int, done: int) -> Iterator[Callable[[], None]]:
    """A bar that some items have advanced so far, and a function that advances it by one more."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("reading", total=total, completed=done)
    with bar:
        yield lambda: bar.advance(task)
