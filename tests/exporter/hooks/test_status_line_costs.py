"""The status line shows what the ledger says of today, the context and the quotas, above the line that a user had."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from exporter.hooks import status_line
from exporter.hooks.installer import install, uninstall
from tests.exporter.hooks.spent import NOON, SECONDS_AHEAD, spend


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "it's 100% the data?"


def shown(data: Path, payload: dict[str, Any], own: str = "") -> str:
    """What the status line of settings prints."""
    settings: dict[str, object] = {"statusLine": {"type": "command", "command": own}} if own else {}
    made: Any = status_line.with_quotas(settings, data / "sessions", data)
    given = json.dumps({"session_id": "s", **payload}).encode()
    command, env = made["statusLine"]["command"], {"TZ": NOON}
    result = subprocess.run(["/bin/sh", "-c", command], input=given, capture_output=True, check=True, env=env)
    assert result.stderr == b""
    return result.stdout.decode()


def test_cost_of_today_burn_rate_context_and_quotas_are_shown(tmp_path: Path, data: Path) -> None:
    transcript = spend(tmp_path, data, 0.1, 40)
    payload = {
        "transcript_path": str(transcript),
        "context_window": {"used_percentage": 34.4},
        "rate_limits": {"five_hour": {"used_percentage": 42, "resets_at": int(time.time()) + 3600}},
    }
    assert shown(data, payload) == "$1.50 today · $1.50/h · context 34% · 5h 42%\n"


def test_the_line_of_the_user_follows_with_the_same_output_and_exit_code(tmp_path: Path, data: Path) -> None:
    spend(tmp_path, data, 0.1)
    assert shown(data, {}, "cat; echo; echo mine") == '$1.50 today · $1.50/h\n{"session_id": "s"}\nmine\n'


def test_without_a_ledger_the_cost_of_the_session_is_shown(data: Path) -> None:
    assert shown(data, {"cost": {"total_cost_usd": 0.0421}}) == "$0.0421 session\n"
    assert shown(data, {"cost": {"total_cost_usd": 0.00001}}) == "<$0.0001 session\n"
    assert shown(data, {}) == "\n"


def test_a_ledger_that_nothing_reads_on_gives_a_minimum(tmp_path: Path, data: Path) -> None:
    transcript = spend(tmp_path, data, 0.1)
    changed = time.time() - 3600
    for file in data.glob("ledger.sqlite3*"):
        os.utime(file, (changed, changed))
    at = time.strftime("%H:%M", time.gmtime(changed + SECONDS_AHEAD))
    assert shown(data, {"transcript_path": str(transcript)}) == f"≥ $1.50 today, as of {at}\n"
    os.utime(transcript, (changed, changed))
    assert shown(data, {"transcript_path": str(transcript)}) == "$1.50 today · $1.50/h\n"


@pytest.mark.parametrize("damaged", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
def test_a_ledger_that_cannot_be_read_is_none(data: Path, damaged: bytes) -> None:
    data.mkdir()
    (data / "ledger.sqlite3").write_bytes(damaged)
    assert shown(data, {"cost": {"total_cost_usd": 2}}) == "$2.00 session\n"


@pytest.mark.parametrize(
    "payload",
    [
        {"context_window": None, "cost": [], "transcript_path": 3},
        {"context_window": {"used_percentage": "\x1b[31m"}, "cost": {"total_cost_usd": "\x1b[31m"}},
        {"context_window": {"used_percentage": 1e300}, "transcript_path": "a\0b"},
    ],
)
def test_what_is_invalid_is_left_out(data: Path, payload: dict[str, Any]) -> None:
    assert shown(data, payload) == "\n"


def test_an_installation_keeps_its_ledger_until_it_is_removed(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(before := '{"statusLine": {"type": "command", "command": "echo mine"}}')
    assert install(path, tmp_path / "sessions", path, data).status_line == "added"
    assert install(path, tmp_path / "sessions").unchanged
    assert install(path, tmp_path / "sessions", path, tmp_path / "other").status_line == "updated"
    assert uninstall(path).status_line == "removed"
    assert path.read_text() == before
