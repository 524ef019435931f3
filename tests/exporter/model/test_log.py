"""Log lines: one per record, which nothing that it quotes can forge or hide."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatserver.cli.main import COMMANDS
from exporter.model.log import FORMAT, LogFormatter
from exporter.overview import Command

ANY_TEXT = st.text(st.characters(exclude_categories=()))
FAILURE = "from exporter.terminal.uncaught_errors import print_uncaught_errors; print_uncaught_errors(); "
RAISED = "raise OSError('a\\x1b[2J\\nERROR forged\\u202e')"
IN_THREAD = f"import threading; threading.Thread(target=lambda: exec({RAISED!r})).start()"


def lines_of(message: str, *quoted: object, error: Exception | None = None, stack: str | None = None) -> list[str]:
    """The lines of a record in the log."""
    kind = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("name", logging.WARNING, "file.py", 1, message, quoted, kind, sinfo=stack)
    return LogFormatter(FORMAT).format(record).split("\n")


@given(ANY_TEXT)
def test_a_record_is_one_printable_line_whatever_it_quotes(text: str) -> None:
    (line,) = lines_of("%s cannot be read", text)
    assert line.startswith("WARNING ")
    assert line.isprintable()


@given(ANY_TEXT, ANY_TEXT)
def test_a_traceback_is_indented_and_printable_whatever_the_error_quotes(text: str, stack: str) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        first, *rest = lines_of("failed", error=error, stack=stack)
    assert first == "WARNING failed"
    assert rest[0] == "  Traceback (most recent call last):"
    assert all(line.startswith("  ") and line.isprintable() for line in rest if line)


@pytest.mark.parametrize("failure", [RAISED, IN_THREAD])
def test_an_error_that_nothing_catches_is_printed_as_in_the_log(failure: str) -> None:
    done = subprocess.run([sys.executable, "-c", FAILURE + failure], capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    assert lines[0] == "  Traceback (most recent call last):"
    assert lines[-2:] == ["  OSError: a [2J", "  ERROR forged "]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_what_a_command_logs_is_printed_as_its_messages_are(command: Command) -> None:
    module = command.location.partition(":")[0]
    script = (
        f"import sys, exporter.commands.root, {module}\n"
        "exporter.commands.root.print_warnings()\n"
        "if 'logging' in sys.modules:\n"
        "    sys.modules['logging'].getLogger('a library').warning('of %s', 'a\\x1b[2J')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr in {"", "hookmeter: of a [2J\n"}
