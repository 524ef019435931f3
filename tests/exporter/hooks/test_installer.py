import json
import os
import shlex
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.hooks import recorders
from exporter.hooks.entries import EVENTS
from exporter.hooks.installer import Change, install, status, uninstall
from exporter.hooks.settings_path import SettingsError
from exporter.hooks.trial import DOES_NOT_RUN
from exporter.paths import scripts_dir

SETTINGS = """{
\t"permissions": {"allow": ["Bash(ls:*)"], "deny": []},
\t"ratio": 1.50e2, "big": 12345678901234567890.10, "name": "zo\\u00eb \\ud83d ë",
\t"hooks": {
\t\t"PreToolUse": [
\t\t\t{"matcher": "Bash", "hooks": [{"type": "command", "command": "mine", "timeout": 5.0}]}
\t\t],
\t\t"TaskCompleted": []
\t},

\t"model": "sonnet"
}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text(SETTINGS)
    return path


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    return tmp_path / "it's the logs"


def commands(path: Path) -> dict[str, list[str]]:
    hooks = json.loads(path.read_text())["hooks"]
    return {event: [hook["command"] for group in groups for hook in group["hooks"]] for event, groups in hooks.items()}


def test_every_event_gets_an_entry_that_records_it(path: Path, sessions: Path) -> None:
    assert install(path, sessions) == Change(path, added=EVENTS)
    for event in EVENTS:
        command = commands(path)[event][-1]
        payload = json.dumps({"session_id": event, "hook_event_name": event}).encode()
        subprocess.run(["/bin/sh", "-c", command], input=payload, check=True)
        (file,) = (sessions / event).iterdir()
        assert json.loads(file.read_bytes())["hook_event_name"] == event


def test_an_entry_has_the_documented_form(path: Path, sessions: Path) -> None:
    install(path, sessions)
    (group,) = json.loads(path.read_text())["hooks"]["Stop"]
    command = group["hooks"][0]["command"]
    assert group == {"matcher": "", "hooks": [{"type": "command", "command": command, "timeout": 5}]}
    assert shlex.quote(str(sessions)) in command


def test_the_fastest_recorder_that_works_is_installed(
    path: Path, sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perl = shutil.which("perl")
    assert perl
    (tmp_path / "perl").symlink_to(perl)
    for directories, suffix in ((os.environ["PATH"], "bin"), (str(tmp_path), "bin"), ("/nowhere", "bin")):
        monkeypatch.setenv("PATH", directories)  # once it is there, no compiler is needed
        install(path, sessions)
        assert status(path).recorder == scripts_dir(for_all_users=True) / f"hookmeter_recorder.{suffix}"
    (scripts_dir(for_all_users=True) / "hookmeter_recorder.bin").unlink()
    for directories, suffix in ((str(tmp_path), "pl"), ("/nowhere", "py")):
        monkeypatch.setenv("PATH", directories)
        install(path, sessions)
        assert status(path).recorder == scripts_dir(for_all_users=True) / f"hookmeter_recorder.{suffix}"
        assert status(path).recorder_problem == ""


def test_other_settings_keep_their_formatting(path: Path, sessions: Path) -> None:
    install(path, sessions)
    lines = path.read_text().splitlines()
    kept = [line.strip().removesuffix(",") for line in SETTINGS.splitlines() if line.strip()]
    assert [line for line in kept if not any(line in other for other in lines) and "ratio" not in line] == []
    assert '"ratio": 1.50e2' in path.read_text()
    assert '"zo\\u00eb \\ud83d ë"' in path.read_text()


def test_uninstall_removes_only_its_own_entries(path: Path, sessions: Path) -> None:
    install(path, sessions)
    assert uninstall(path) == Change(path, removed=("PreToolUse", *EVENTS[1:]))
    assert json.loads(path.read_text()) == json.loads(SETTINGS)
    assert list(json.loads(path.read_text())) == list(json.loads(SETTINGS))


def test_a_second_install_changes_nothing(path: Path, sessions: Path) -> None:
    install(path, sessions)
    before, inode = path.read_bytes(), path.stat().st_ino
    assert install(path, sessions).unchanged
    assert (path.read_bytes(), path.stat().st_ino) == (before, inode)


def test_a_second_uninstall_changes_nothing(path: Path) -> None:
    inode = path.stat().st_ino
    assert uninstall(path).unchanged
    assert (path.read_text(), path.stat().st_ino) == (SETTINGS, inode)


def test_another_directory_replaces_the_entries_in_place(path: Path, sessions: Path) -> None:
    install(path, sessions)
    before = json.loads(path.read_text())
    before["hooks"]["PreToolUse"].reverse()
    before["hooks"]["Stop"][0]["hooks"][0]["timeout"] = 9
    path.write_text(json.dumps(before))
    assert install(path, sessions / "other") == Change(path, updated=EVENTS)
    assert [len(found) for event, found in commands(path).items() if event in EVENTS] == [2] + [1] * (len(EVENTS) - 1)
    assert "other" in commands(path)["PreToolUse"][0]
    assert json.loads(path.read_text())["hooks"]["Stop"][0]["hooks"][0]["timeout"] == 9
    assert status(path).sessions_dir == sessions / "other"


def test_a_moved_recorder_and_duplicate_entries_are_fixed(path: Path, sessions: Path) -> None:
    old = "python3 /old/place/hookmeter_recorder.py /old/logs"
    mine, theirs = {"type": "command", "command": old}, {"type": "command", "command": "theirs"}
    path.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [mine, theirs, mine]}, {"hooks": [mine]}]}}))
    change = install(path, sessions)
    assert change.updated == ("Stop",)
    assert set(change.added) == set(EVENTS) - {"Stop"}
    recorder, other = commands(path)["Stop"]
    assert str(sessions.name.replace("'", "'\"'\"'")) in recorder
    assert other == "theirs"
    uninstall(path)
    assert json.loads(path.read_text()) == {"hooks": {"Stop": [{"hooks": [theirs]}]}}


def test_missing_files_and_directories_are_created(tmp_path: Path, sessions: Path) -> None:
    path = tmp_path / "not" / "yet" / "settings.json"
    assert not status(path).exists
    install(path, sessions)
    assert path.read_text().startswith('{\n  "hooks": {\n    "PreToolUse": [\n      {\n')
    uninstall(path)
    assert not path.exists()


def test_a_relative_directory_is_stored_as_an_absolute_path(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    install(path, Path("logs"))
    assert status(path).sessions_dir == tmp_path / "logs"


def test_the_mode_of_the_file_is_preserved(path: Path, sessions: Path) -> None:
    path.chmod(0o640)
    install(path, sessions)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_linked_settings_file_stays_a_link(path: Path, sessions: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    link = tmp_path / "home" / "settings.json"
    link.symlink_to("../settings.json")
    install(link, sessions)
    assert os.readlink(link) == "../settings.json"  # noqa: PTH115 # as it was written
    assert len(commands(path)) == len(EVENTS) + 1
    assert sorted(item.name for item in tmp_path.iterdir()) == ["home", "settings.json"]


def test_status_reports_what_is_installed(path: Path, sessions: Path) -> None:
    before = status(path)
    assert (before.exists, before.installed, before.missing, before.recorder) == (True, (), EVENTS, None)
    install(path, sessions)
    settings = json.loads(path.read_text())
    del settings["hooks"]["Stop"]
    path.write_text(json.dumps({**settings, "disableAllHooks": True}))
    found = status(path)
    assert (found.missing, found.disabled, found.recorder_problem) == (("Stop",), True, "")
    assert (found.sessions_dir, found.recorder) == (
        sessions,
        scripts_dir(for_all_users=True) / "hookmeter_recorder.bin",
    )


def test_status_reports_a_recorder_that_is_gone(path: Path, sessions: Path) -> None:
    gone = replace(recorders.recorders()[0], script=Path("/gone/hookmeter_recorder.pl"))
    hook = {"type": "command", "command": gone.command(sessions, "Stop")}
    path.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [hook]}]}}))
    found = status(path)
    assert (found.recorder, found.recorder_problem, found.sessions_dir) == (gone.script, DOES_NOT_RUN, sessions)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n  "a": 1\n  "b": 2}', "line 3 column 3"),
        ('{"a": NaN}', "NaN is not JSON"),
        ("[]", "does not contain a JSON object"),
        ('{"a": {"b": 1, "b": 2}}', 'duplicate key "b"'),
        ('{"hooks": []}', "`hooks` must be an object"),
        ('{"hooks": {"Stop": {}}}', "`hooks.Stop` must be an array"),
        ('{"hooks": {"Stop": ["x"]}}', "`hooks.Stop[0]` must be an object"),
        ('{"hooks": {"Stop": [{"matcher": ""}]}}', "`hooks.Stop[0].hooks` must be an array"),
        ('{"hooks": {"Stop": [{"hooks": ["x"]}]}}', "`hooks.Stop[0].hooks` must contain only objects"),
        ("[" * 100_000, "not valid JSON"),
        ("\udcff", "not UTF-8 at byte 0"),
    ],
)
def test_invalid_settings_are_left_unchanged(path: Path, text: str, message: str) -> None:
    path.write_bytes(text.encode(errors="surrogateescape"))
    for action in (lambda: install(path, path.parent), lambda: uninstall(path), lambda: status(path)):
        with pytest.raises(SettingsError) as error:
            action()
        assert message in str(error.value)
        assert str(path) in str(error.value)
    assert path.read_bytes() == text.encode(errors="surrogateescape")


def test_settings_that_cannot_be_written_are_reported(path: Path, sessions: Path) -> None:
    with pytest.raises(SettingsError, match=r"settings\.json/settings\.json cannot be"):
        install(path / "settings.json", sessions)
    with pytest.raises(SettingsError, match="cannot be read"):
        install(path.parent, sessions)
    with pytest.raises(SettingsError, match="not UTF-8"):
        install(path, Path("/logs/\udcff"))
    assert path.read_text() == SETTINGS
    assert [item.name for item in path.parent.iterdir()] == ["settings.json"]
