import os
import shutil
from pathlib import Path

import pytest

from exporter.model.bounds import MAX_INTEGER
from exporter.model.records import Phase
from exporter.sources.files import absolute, is_safe_name, log_files, session_directories


@pytest.mark.parametrize("name", ["s-1", "44444444-4444-4444-8444-444444444444", "...", "a b", "é", "-rf", "a" * 255])
def test_a_plain_name_is_safe(name: str) -> None:
    assert is_safe_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/", "a/b", "../a", "a\\b", "..\\a", "a\0b", "\0", "/etc/passwd", "a" * 256, "é" * 128, "\ud800"],
)
def test_a_name_that_leads_elsewhere_or_nowhere_is_unsafe(name: str) -> None:
    assert not is_safe_name(name)


@pytest.mark.parametrize("name", ["a\nb", "%2e%2e", "~", "$HOME", "\udc90", "* ?", "a" * 255])
def test_a_safe_name_can_be_looked_up_and_stays_in_its_directory(tmp_path: Path, name: str) -> None:
    assert is_safe_name(name)
    assert log_files(f"{tmp_path}/{name}") == []
    assert Path(f"{tmp_path}/{name}").parent == tmp_path


@pytest.mark.parametrize(
    ("name", "phase", "source"),
    [
        ("pre_tool_use.jsonl", Phase.START, "pre_tool_use"),
        ("pre_tool_use.json", Phase.START, "pre_tool_use"),
        ("pre_tool_use.jsonl.1", Phase.START, "pre_tool_use"),
        ("PreToolUse.jsonl", Phase.START, "pre_tool_use"),
        ("post_tool_use.jsonl", Phase.END, "post_tool_use"),
        ("post_tool_use.jsonl.12", Phase.END, "post_tool_use"),
        ("PostToolUse.json", Phase.END, "post_tool_use"),
        ("post_tool_use_failure.jsonl", Phase.END, "post_tool_use"),
        ("PostToolUseFailure.jsonl", Phase.END, "post_tool_use"),
        ("events.jsonl", Phase.EVENT, "events"),
        ("stop.json", Phase.EVENT, "events"),
        ("SessionEnd.jsonl", Phase.EVENT, "events"),
        ("user_prompt_submit.jsonl.3", Phase.EVENT, "events"),
    ],
)
def test_the_name_of_a_file_gives_the_phase_and_source_of_its_lines(
    tmp_path: Path, name: str, phase: Phase, source: str
) -> None:
    (tmp_path / name).write_bytes(b"x")
    (file,) = log_files(str(tmp_path))
    assert (file.name, file.phase, file.source, file.size) == (name, phase, source, 1)
    assert file.path == str(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("session_start.json", "SessionStart"),
        ("SessionStart.jsonl.1", "SessionStart"),
        ("user_prompt_submit.jsonl.3", "UserPromptSubmit"),
        ("stop.json", "Stop"),
        ("subagent_stop.json", "SubagentStop"),
        ("notification.jsonl", "Notification"),
        ("post_tool_use_failure.jsonl", "PostToolUseFailure"),
        ("events.jsonl", ""),
        ("Events.jsonl", ""),
        ("pre_tool_use.json", ""),
        ("PostToolUse.jsonl", ""),
    ],
)
def test_the_name_of_a_file_gives_the_event_of_its_lines(tmp_path: Path, name: str, event: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (file,) = log_files(str(tmp_path))
    assert file.event == event


@pytest.mark.parametrize(
    "name",
    [
        "usage.jsonl", "summary.json", "chat.json", "pre_tool_use.jsonl.bak", "pre_tool_use.jsonl.gz", "pre_tool_use",
        "my_pre_tool_use.jsonl", "pre_tool_use.jsonl~", ".pre_tool_use.jsonl.swp", "pre_tool_use.jsonl\n",
        "PRETOOLUSE.jsonl",
    ],
)  # fmt: skip
def test_a_file_with_any_other_name_is_not_a_hook_log(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert log_files(str(tmp_path)) == []


def test_a_directory_with_the_name_of_a_log_is_not_a_log(tmp_path: Path) -> None:
    (tmp_path / "pre_tool_use.jsonl").mkdir()
    assert log_files(str(tmp_path)) == []


def test_a_directory_that_vanished_has_no_logs(tmp_path: Path) -> None:
    directory = tmp_path / "s-1"
    directory.mkdir()
    (directory / "events.jsonl").write_bytes(b"x")
    assert len(log_files(str(directory))) == 1
    shutil.rmtree(directory)
    assert log_files(str(directory)) == []


def test_a_time_beyond_the_largest_integer_of_the_ledger_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    log.write_bytes(b"x")
    os.utime(log, (0, 13_569_465_600))
    (file,) = log_files(str(tmp_path))
    assert file.modified_ns <= MAX_INTEGER


def test_a_broken_link_hides_no_other_log(tmp_path: Path) -> None:
    (tmp_path / "pre_tool_use.jsonl").symlink_to(tmp_path / "rotated away")
    (tmp_path / "post_tool_use.jsonl").symlink_to("post_tool_use.jsonl")
    (tmp_path / "events.jsonl").write_bytes(b"x")
    assert [file.name for file in log_files(str(tmp_path))] == ["events.jsonl"]


def test_a_directory_that_cannot_be_read_raises(tmp_path: Path) -> None:
    cycle = tmp_path / "cycle"
    cycle.symlink_to(cycle)
    with pytest.raises(OSError, match="Too many levels"):
        log_files(str(cycle))


def test_the_root_comes_first_then_the_directories_directly_below_it(tmp_path: Path) -> None:
    (tmp_path / "s-1" / "deeper").mkdir(parents=True)
    (tmp_path / "s-2").mkdir()
    (tmp_path / "events.jsonl").write_bytes(b"x")
    root, *below = session_directories(str(tmp_path))
    assert root == str(tmp_path)
    assert sorted(below) == [str(tmp_path / "s-1"), str(tmp_path / "s-2")]


def test_a_link_to_a_directory_counts_and_a_cycle_of_links_does_not(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "cycle").symlink_to(root / "cycle")
    (root / "lost").symlink_to(tmp_path / "nowhere")
    assert list(session_directories(str(root))) == [str(root), str(root / "linked")]


def test_a_missing_root_has_no_directories(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert list(session_directories(str(tmp_path / "nowhere"))) == []
    assert list(session_directories(str(tmp_path / "file"))) == []


def test_a_root_that_cannot_be_read_is_still_yielded(tmp_path: Path) -> None:
    cycle = tmp_path / "cycle"
    cycle.symlink_to(cycle)
    assert list(session_directories(str(cycle))) == [str(cycle)]


def test_roots_are_absolute_and_without_duplicates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    roots = (Path("logs"), tmp_path / "logs", Path("~/logs"), tmp_path / "x" / ".." / "logs", Path("other"))
    assert absolute(roots) == [str(tmp_path / "logs"), str(tmp_path / "other")]
