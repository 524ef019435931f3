"""Finds the lines that cannot be counted, whatever the reason, so that they hold up no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import chain

from exporter.counting.batch import Batch
from exporter.ledger.failures import is_due_to_input
from exporter.model.log import logger
from exporter.model.text import printable

log = logger(__name__)
Lines = Mapping[str, Sequence[bytes]]  # by the path of their file
Count = Callable[[Set[bytes]], Batch]  # reads the lines without some of them
NO_LINES: frozenset[bytes] = frozenset()


class BadLineSearch:
    """Searches the lines of a batch, by counting parts of it in dry runs."""

    def __init__(self, dry_run: Callable[[Batch], None]) -> None:
        self._dry_run = dry_run
        self._error: Exception | None = None

    def find_bad_lines(self, lines: Lines, count: Count) -> Set[bytes]:
        """The lines without which all others can be counted; none if those are not to blame."""
        every = dict.fromkeys(chain.from_iterable(lines.values()))
        if self._can_count(count, NO_LINES) or not self._can_count(count, every.keys()):
            return NO_LINES
        kept: set[bytes] = set()
        for part in _countable_parts(list(every), lambda part: self._can_count(count, every.keys() - kept - {*part})):
            kept.update(part)
        found = every.keys() - kept
        self._report(lines, found)
        return found

    def _can_count(self, count: Count, left_out: Set[bytes]) -> bool:
        try:
            self._dry_run(count(left_out))
        except Exception as error:  # whatever a line does to what reads, counts or stores it
            if not is_due_to_input(error):
                raise
            self._error = error
            return False
        return True

    def _report(self, lines: Lines, found: Set[bytes]) -> None:
        for path, own in lines.items():
            if number := sum(line in found for line in own):
                log.warning(
                    "%d line(s) of %s cannot be counted (%s: %s); they count as malformed, and all others are counted.",
                    number, printable(path), type(self._error).__name__, printable(str(self._error)),
                )  # fmt: skip


def _countable_parts(lines: list[bytes], can_count: Callable[[list[bytes]], bool]) -> Iterator[list[bytes]]:
    """The parts of some lines that can be counted with all parts before them, as large as possible."""
    parts = [lines]
    while parts:
        part = parts.pop()
        if can_count(part):
            yield part
        elif len(part) > 1:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
