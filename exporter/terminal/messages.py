"""What the commands say to the person in front of the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

Item = TypeVar("Item")


def say(line: str) -> None:
    """Tell the person who started it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def warn(sentence: str) -> None:
    """Say what is wrong, and go on."""
    sys.stderr.write(f"hookmeter: {sentence}\n")


def fail(sentence: str, code: int) -> NoReturn:
    """Say what is wrong, and end."""
    warn(sentence)
    sys.exit(code)


class Track(Protocol):
    """Gives the items one by one, and moves a progress bar with them."""

    def __call__(self, items: Sequence[Item], /) -> Iterator[Item]:
        """The items."""


@contextmanager
def progress() -> Iterator[Track]:
    """A bar for people that watch work of over a second, on standard error; nothing where nobody does."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    late = time.monotonic() + 1.0

    def track(items: Sequence[Item]) -> Iterator[Item]:
        task = bar.add_task("reading", total=len(items))
        for item in items:
            yield item
            bar.advance(task)
            if not bar.live.is_started and time.monotonic() > late:
                bar.start()

    try:
        yield track
    finally:
        bar.stop()
