"""Messages of the commands on standard output and standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
    """A progress bar on standard error for a loop of over a second; nothing if that is not a terminal."""
    if not sys.stderr.isatty():
        yield iter
        return
    start_at = time.monotonic() + 1.0
    with ExitStack() as shown:

        def track(items: Sequence[Item]) -> Iterator[Item]:
            advance = None
            for done, item in enumerate(items, 1):
                yield item
                if advance:
                    advance()
                elif time.monotonic() > start_at:
                    from exporter.terminal.progress_bar import progress_bar  # noqa: PLC0415 - takes 30 ms, which short work saves

                    advance = shown.enter_context(progress_bar(len(items), done))

        yield track
