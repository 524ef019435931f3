"""What is printed of errors that nothing catches: nothing that they quote can forge or hide a line."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from exporter.model.text import indented


def print_uncaught_errors() -> None:
    """Have errors that nothing catches printed as those in log lines."""
    sys.excepthook = _print_error
    threading.excepthook = lambda failed: _print_error(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _print_error(kind: type[BaseException], error: BaseException | None, frames: TracebackType | None) -> None:
    import traceback  # noqa: PLC0415 - takes a millisecond, which every command saves

    if not issubclass(kind, SystemExit):
        sys.stderr.write(indented("".join(traceback.format_exception(kind, error, frames))) + "\n")
