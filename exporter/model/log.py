"""Loggers, and their lines on standard error: nothing that they quote can forge or hide a line.

Where no log is kept, as by most commands, what is logged is printed as their messages are. That is set here, with the
first logger, so that commands that log nothing start without `logging`.
"""

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


def logger(name: str) -> logging.Logger:
    """The logger of a module."""
    return logging.getLogger(name)


def log_to_stderr() -> None:
    """Log warnings and errors to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


if logging.lastResort:
    logging.lastResort.setFormatter(LogFormatter("hookmeter: %(message)s"))
