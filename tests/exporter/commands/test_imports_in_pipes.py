"""Commands in a pipe do not wait for what only terminals need."""

from __future__ import annotations

from typing import Any

import pytest

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.hookmeter_process import Home
from tests.support.synthetic_logs import HOUR_US, SECOND_US, call, event, now_us
from tests.support.synthetic_transcripts import transcript_call, transcript_prompt
from tests.support.terminals import in_terminal

SESSION = "0f63ea0a-88b2-40e5-8936-c044dfb71b72"
PATCH = {"filePath": "a.py", "structuredPatch": [{"oldStart": 1, "lines": ["+x"]}]}
IMPORTS = {"PYTHONPROFILEIMPORTTIME": "1"}  # on standard error


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which each command has something to show."""
    home, now = Home(tmp_path_factory.mktemp("home")), now_us()
    projects = home.path / ".claude" / "projects"
    transcript_prompt(projects, SESSION, now - HOUR_US, "deploy the shop")
    transcript_call(projects, SESSION, now - HOUR_US + SECOND_US)
    call(home.sessions, SESSION, now - HOUR_US, tool="Edit", tool_response=PATCH)
    asked: dict[str, Any] = {"tool_name": "Bash", "tool_input": {"command": "make"}}
    event(home.sessions, "waiting", "PreToolUse", now - 9 * SECOND_US, tool_use_id="toolu_1", **asked)
    event(home.sessions, "waiting", "PermissionRequest", now - 8 * SECOND_US, **asked)
    with open_ledger(home.data, 200) as ledger:
        Meter([str(home.sessions)], ledger, transcript_roots=[str(projects)]).catch_up()
    return home


@pytest.mark.parametrize(
    "words",
    [
        ("cost",), ("cost", "--since", "24h"), ("code",), ("quota",), ("doctor",), ("wait",), ("sessions",),
        ("sessions", SESSION), ("digest",), ("search", "deploy"), ("config", "show"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_table_in_a_pipe_needs_no_rich_console(lived_in: Home, words: tuple[str, ...]) -> None:
    result = lived_in.with_variables(**IMPORTS).run(*words)
    assert len(result.stdout.splitlines()) > 1
    assert "exporter.terminal" in result.stderr
    assert "rich.console" not in result.stderr


def test_a_list_of_sessions_needs_no_rich_console_in_a_terminal_either(lived_in: Home) -> None:
    shown = "\n".join(in_terminal(lived_in.with_variables(**IMPORTS), 120, "sessions"))
    assert "deploy the shop" in shown
    assert "exporter.terminal.session_list" in shown
    assert "rich.console" not in shown
