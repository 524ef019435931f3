"""What the machine lacks is found: space, a right clock, watches, a current Claude Code."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from exporter.model.claude_versions import EXACT_SINCE, TESTED
from exporter.model.clock import iso
from tests.exporter.reports.examined_home import examined
from tests.support.hookmeter_process import HOOKMETER, Home
from tests.support.synthetic_logs import SECOND_US, append, call, now_us
from tests.support.transcript_lines import SESSION, SLUG, prompt_line

LISTEN = "127.0.0.1:1"
ROOT = Path(__file__).parents[3]


def findings(home: Home, subject: str) -> list[tuple[str, str]]:
    return [(verdict, message) for verdict, found, message in examined(home, LISTEN)[1] if found == subject]


def in_namespace(home: Home, setup: str) -> list[dict[str, str]]:
    """What `doctor --json` finds after a setup that changes what it alone has mounted."""
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", f'{setup} && exec "$0" "$@"']
    result = subprocess.run(
        [*command, HOOKMETER, "doctor", "--json", "--metrics-listen", LISTEN],
        cwd=home.path, env=home.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.stderr.startswith("unshare: "):
        pytest.skip("this machine forbids mounts in a namespace of their own")
    found: list[dict[str, str]] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(("size", "verdict"), [("64m", "error"), ("512m", "info")])
def test_a_file_system_that_is_nearly_full_is_found(ready: Home, size: str, verdict: str) -> None:
    found = in_namespace(ready, f"mount -t tmpfs -o size={size} none {ready.sessions}")
    (disk,) = [one for one in found if one["subject"] == "disk"]
    assert (disk["verdict"], disk["message"].partition(" for ")[2]) == (
        verdict,
        f"{ready.sessions}; what hooks cannot write is lost",
    )
    assert disk["remedy"] == f"Free some space: du -xsh {ready.sessions}/*"


def test_directories_beyond_the_limit_of_watches_are_found(ready: Home) -> None:
    (ready.path / "limit").write_text("2\n")
    found = in_namespace(ready, "mount --bind limit /proc/sys/fs/inotify/max_user_watches")
    (watches,) = [one for one in found if one["subject"] == "watches"]
    assert watches["verdict"] == "info"
    assert watches["message"].endswith(" directories are to be watched, of the 2 that the system allows")
    assert watches["remedy"].startswith("Run: sudo sysctl fs.inotify.max_user_watches=")


def test_lines_of_the_future_are_found(ready: Home) -> None:
    call(ready.sessions, "ahead", now_us() + 600 * SECOND_US)
    ((verdict, message),) = findings(ready, "clock")
    assert (verdict, message.partition(",")[0]) == ("error", "1 session with lines of the future")


@pytest.mark.parametrize(
    ("zone", "is_known"),
    [("Europe/Berln", False), ("", True), ("UTC", True), (":Europe/Berlin", True), ("CET-1CEST", True)],
)
def test_a_time_zone_that_the_system_does_not_know_is_found(ready: Home, zone: str, *, is_known: bool) -> None:
    found = findings(ready.with_variables(TZ=zone), "clock")
    message = (
        f"the time zone {zone} (TZ) is unknown: days and months begin at midnight UTC"
        " -> Set TZ to a name such as Europe/Berlin, and install tzdata"
    )
    assert found == ([] if is_known else [("error", message)])


def test_a_version_of_claude_code_that_lacks_what_numbers_need_is_found(ready: Home) -> None:
    transcript = ready.path / ".claude" / "projects" / SLUG / f"{SESSION}.jsonl"
    line = json.loads(prompt_line("Fix it")) | {"timestamp": iso(now_us() - SECOND_US)}
    append(transcript, {**line, "version": TESTED})
    assert findings(ready, "versions") == [("ok", f"Claude Code {TESTED}; numbers are tested with {TESTED}")]
    append(transcript, {**line, "version": "2.1.115", "uuid": "2"})
    needed = "outcomes of calls, durations of calls"
    message = f"Claude Code 2.1.115 does not report what makes these exact: {needed} -> Run: claude update"
    assert findings(ready, "versions") == [("info", message)]


def test_the_versions_are_those_of_the_docs() -> None:
    rows = [line.split("|") for line in (ROOT / "docs" / "counting.md").read_text().splitlines() if line[:2] == "| "]
    documented = {row[1].strip(): row[2].strip() for row in rows if len(row) > 2}
    assert {numbers: documented[numbers] for numbers in EXACT_SINCE} == EXACT_SINCE
    assert f"tested with Claude Code {TESTED}:" in (ROOT / "docs" / "counting.md").read_text()


def test_hook_logs_that_take_much_space_are_found_unless_they_are_kept_small(ready: Home) -> None:
    assert findings(ready, "log size") == []
    log = append(ready.sessions / "old" / "events.jsonl", "{}")
    os.truncate(log, 1_400_000_000)
    os.utime(log, (0, 0))
    ((verdict, message),) = findings(ready, "log size")
    expected = "hook logs take 1.4 GB, and old ones are neither compressed nor removed"
    assert (verdict, message.partition(" -> ")[0]) == ("info", expected)
    (ready.path / "config.toml").write_text('keep-logs = "30d"\n')
    environment = ready.environment() | {"HOOKMETER_CONFIG": str(ready.path / "config.toml")}
    result = subprocess.run(
        [HOOKMETER, "doctor", "--json", "--metrics-listen", LISTEN],
        cwd=ready.path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "log size" not in {one["subject"] for one in json.loads(result.stdout)}
