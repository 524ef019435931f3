"""Messages of the commands on standard output and standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from exporter.model.text import printable
from exporter.model.track import Track

Item = TypeVar("Item")


def say(line: str) -> None:
    """Print a line at once; what it quotes from logs and paths is made printable, here and below."""
    sys.stdout.write(printable(line) + "\n")
    sys.stdout.flush()


def say_text(text: str) -> None:
    """Print lines."""
    for line in text.splitlines():
        say(line)


def say_json(value: object) -> None:
    """Print a value as JSON in ASCII."""
    import json  # noqa: PLC0415 - takes a millisecond or two, which `--help` saves

    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()


def warn(message: str) -> None:
    """Print a message on standard error."""
    sys.stderr.write(f"hookmeter: {printable(message)}\n")


def fail(message: str, code: int) -> NoReturn:
    """Print a message on standard error, and exit."""
    warn(message)
    sys.exit(code)


@contextmanager
def progress() -> Iterator[Track]:
    """A progress bar on standard error for work of over a second; nothing if that is not a terminal."""
    if not sys.stderr.isatty():
        yield iter
        return
    from rich.console import Console  # noqa: PLC0415 - takes 50 ms, which commands in scripts save
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    start_at = time.monotonic() + 1.0

    def track(items: Sequence[Item]) -> Iterator[Item]:
        task = bar.add_task("reading", total=len(items))
        for item in items:
            yield item
            bar.advance(task)
            if not bar.live.is_started and time.monotonic() > start_at:
                bar.start()

    try:
        yield track
    finally:
        bar.stop()
