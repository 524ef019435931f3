"""Messages on standard error."""

from __future__ import annotations

import pytest

from exporter.terminal.messages import warn


def test_a_message_shows_what_it_quotes_literally(capsys: pytest.CaptureFixture[str]) -> None:
    warn("/logs/\x1b[2Jevil\u202e\udc90 cannot be read")
    assert capsys.readouterr().err == "hookmeter: /logs/ [2Jevil   cannot be read\n"
