"""The ledger as a second source of commands that work without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from exporter.ledger.failures import LedgerError
from exporter.ledger.reader import LedgerReader
from exporter.ledger.reading import read_ledger
from exporter.terminal.messages import warn


@contextmanager
def ledger_if_readable(data_dir: Path) -> Iterator[LedgerReader | None]:
    """The ledger; None if there is none, or none that can be opened, which is reported."""
    with ExitStack() as stack:
        ledger = None
        try:
            ledger = stack.enter_context(read_ledger(data_dir))
        except LedgerError as error:
            warn(f"{error} Sessions whose files are deleted are missing here")
        yield ledger
