"""The hooks of the plugin, alone and next to those of settings: each event is recorded once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from exporter.hooks.entries import EVENTS
from tests.exporter.hooks.conftest import PATH, RECORDERS, Hook

PLUGIN = Path(__file__).parents[3] / "plugin"
PAYLOAD = b'{"session_id":"s","hook_event_name":"Stop","last_assistant_message":"Done."}'
OTHER = PAYLOAD.replace(b"Done", b"Yes")


@dataclass(frozen=True)
class PluginHook:
    """A recorder, run as the plugin's hooks run it."""

    recorder: str
    sessions: Path

    def run(self, payload: bytes) -> None:
        recorder = RECORDERS[self.recorder]
        argv = [*recorder.argv(self.sessions, "Stop")[: len(recorder.interpreter) + 3], *(recorder.clock or ("",))]
        self.sessions.mkdir(exist_ok=True)
        (self.sessions / ".plugin").touch()
        result = subprocess.run([*argv, "plugin"], input=payload, capture_output=True, env=PATH, check=True)
        assert result.stdout + result.stderr == b""


def lines(sessions: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (sessions / "s" / "events.jsonl").read_bytes().splitlines()]


@pytest.fixture(params=product(RECORDERS, RECORDERS), ids="-".join)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Callable[[bytes], None]]:
    of_plugin, of_settings = request.param
    hook = Hook(RECORDERS[of_settings], tmp_path / "sessions")
    return {
        "plugin": PluginHook(of_plugin, tmp_path / "sessions").run,
        "settings": lambda payload: hook.run(payload, "Stop"),
    }


@pytest.mark.parametrize("order", [("plugin", "settings"), ("settings", "plugin")])
def test_of_two_hooks_the_first_records(
    both: Mapping[str, Callable[[bytes], None]], order: tuple[str, str], tmp_path: Path
) -> None:
    for name in order:
        both[name](PAYLOAD)
    (line,) = lines(tmp_path / "sessions")
    assert line.get("recorded_by", "settings") == order[0]


@pytest.mark.parametrize(
    "order",
    ["plugin plugin settings settings", "plugin settings plugin settings", "settings plugin plugin settings",
     "settings settings plugin plugin", "plugin settings settings plugin"],
)  # fmt: skip
def test_equal_events_of_one_moment_are_all_recorded(
    both: Mapping[str, Callable[[bytes], None]], order: str, tmp_path: Path
) -> None:
    for name in order.split():
        both[name](PAYLOAD)
    assert len(lines(tmp_path / "sessions")) == 2


def test_events_in_between_do_not_matter(both: Mapping[str, Callable[[bytes], None]], tmp_path: Path) -> None:
    both["plugin"](PAYLOAD)
    both["settings"](OTHER)
    both["settings"](PAYLOAD)
    both["plugin"](OTHER)
    found = [(line["last_assistant_message"], line.get("recorded_by")) for line in lines(tmp_path / "sessions")]
    assert found == [("Done.", "plugin"), ("Yes.", None)]


def test_an_event_that_was_recorded_before_ten_seconds_is_another_one(
    both: Mapping[str, Callable[[bytes], None]], tmp_path: Path
) -> None:
    both["plugin"](PAYLOAD)
    log = tmp_path / "sessions" / "s" / "events.jsonl"
    log.write_text(log.read_text().replace('"logged_at":"2', '"logged_at":"1', 1))
    both["settings"](PAYLOAD)
    assert len(lines(tmp_path / "sessions")) == 2


def run_plugin(
    event: str, payload: bytes, env: Mapping[str, str], shell: tuple[str, ...] = ("/bin/sh", "-c"), root: Path = PLUGIN
) -> None:
    """Run the hook of an event as Claude Code does."""
    (group,) = json.loads((PLUGIN / "hooks" / "hooks.json").read_text())["hooks"][event]
    (hook,) = group["hooks"]
    command = hook["command"].replace("${CLAUDE_PLUGIN_ROOT}", str(root))
    result = subprocess.run([*shell, command], input=payload, capture_output=True, env={**PATH, **env}, check=True)
    assert result.stdout + result.stderr == b""


def test_the_plugin_records_the_events_that_hooks_in_settings_do() -> None:
    assert tuple(json.loads((PLUGIN / "hooks" / "hooks.json").read_text())["hooks"]) == EVENTS


@pytest.mark.parametrize("shell", [("sh", "-c"), ("bash", "-c"), ("bash", "--posix", "-c")], ids=" ".join)
@pytest.mark.parametrize(
    ("env", "directory"),
    [
        ({}, "home/.local/state/hookmeter/sessions"),
        ({"XDG_STATE_HOME": "{}/data"}, "data/hookmeter/sessions"),
        ({"XDG_STATE_HOME": "data"}, "home/.local/state/hookmeter/sessions"),
        ({"HOOKMETER_SESSIONS_DIR": "{}/one:{}/two"}, "one"),
        ({"HOOKMETER_SESSIONS_DIR": "not/absolute"}, "home/.local/state/hookmeter/sessions"),
    ],
)
def test_it_writes_where_hookmeter_reads(
    tmp_path: Path, env: dict[str, str], directory: str, shell: tuple[str, ...]
) -> None:
    places = {name: value.replace("{}", str(tmp_path)) for name, value in env.items()}
    run_plugin("Stop", PAYLOAD, {"HOME": str(tmp_path / "home"), **places}, shell)
    (line,) = lines(tmp_path / directory)
    assert (line["recorded_by"], line["last_assistant_message"]) == ("plugin", "Done.")
    assert not line["logged_at"].endswith(".000000Z")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / directory).rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_nothing_of_the_project_runs(tmp_path: Path) -> None:
    """Nor what PATH finds there."""
    for name in ("perl", "python3", "mkdir", "cat"):
        (tmp_path / name).write_text("#!/bin/sh\necho stolen\n")
        (tmp_path / name).chmod(0o755)
    run_plugin("Stop", PAYLOAD, {"PATH": str(tmp_path), "HOOKMETER_SESSIONS_DIR": str(tmp_path / "sessions")})
    assert len(lines(tmp_path / "sessions")) == 1


@pytest.mark.parametrize("broken", ["no home", "no plugin", "no directory"])
def test_whatever_is_missing_the_agent_is_not_affected(tmp_path: Path, broken: str) -> None:
    env, root = {"HOME": str(tmp_path)}, PLUGIN
    if broken == "no home":
        env = {}
    elif broken == "no plugin":
        root = tmp_path
    else:
        (tmp_path / ".local").touch()
    run_plugin("Stop", PAYLOAD * 100_000, env, root=root)
    assert not os.path.lexists(tmp_path / ".local" / "state")


def test_a_copy_of_the_plugin_is_complete(tmp_path: Path) -> None:
    """As Claude Code copies it: links are resolved."""
    root = Path(shutil.copytree(PLUGIN, tmp_path / "copied plugin"))
    run_plugin("Stop", PAYLOAD, {"HOOKMETER_SESSIONS_DIR": str(tmp_path / "sessions")}, root=root)
    assert len(lines(tmp_path / "sessions")) == 1
