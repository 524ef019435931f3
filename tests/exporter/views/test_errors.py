"""The errors of failed calls as they are shown."""

from __future__ import annotations

import pytest

from exporter.views.errors import shown_error

PRINTED = "Exit code 1\n<tool_use_error>printed</tool_use_error> twice"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("<tool_use_error>File not found.</tool_use_error>", "File not found."),
        ("<tool_use_error>cut off", "cut off"),
        (PRINTED, PRINTED),
    ],
)
def test_tags_around_an_error_are_left_out_and_those_that_a_command_printed_stay(error: str, shown: str) -> None:
    assert shown_error(error) == shown
