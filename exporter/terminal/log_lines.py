"""Log lines of long-running commands, on standard error: nothing that they quote can forge or hide a line."""

from __future__ import annotations

import logging
import sys

from exporter.model.text import indented, printable

FORMAT = "%(levelname)s %(message)s"


class LogFormatter(logging.Formatter):
    """A line per record, and indented lines for its traceback."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - a method of logging.Formatter
        """The record without its traceback."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802 - likewise
        """The traceback."""
        return indented(super().formatException(ei))  # type: ignore[arg-type] # as logging has it

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - likewise
        """The stack."""
        return indented(super().formatStack(stack_info))


def log_to_stderr() -> None:
    """Log warnings and errors to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def print_warnings() -> None:
    """Have warnings and errors of commands that keep no log printed as their messages are."""
    if logging.lastResort:
        logging.lastResort.setFormatter(LogFormatter("hookmeter: %(message)s"))
