import fcntl
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.counting.catalog import LINES
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.exporter.hooks.conftest import Hook
from tests.support.not_regular import NOT_REGULAR

FILE = "s/pre_tool_use.jsonl"
PATIENCE_SECONDS = 8.0  # of a busy machine, for a second's wait


def payload(size: int = 0, fill: str = "x") -> bytes:
    return b'{"session_id":"s","fill":"%s"}' % (fill.encode() * size)


def test_twenty_hooks_at_once_write_twenty_whole_lines_of_a_megabyte(hook: Hook) -> None:
    payloads = [payload(1_000_000, chr(ord("a") + number)) for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(hook.run, payloads))
    lines = b"".join(hook.written().values()).splitlines()  # on a busy machine, some may not wait for the lock
    assert sorted(b"{" + line.partition(b",")[2] for line in lines) == payloads


def test_a_log_whose_lock_somebody_keeps_is_left_after_a_second_and_nothing_is_lost(hook: Hook, tmp_path: Path) -> None:
    hook.run(payload())
    with (hook.sessions / FILE).open("rb") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        for size in (1, 2):
            started = time.monotonic()
            hook.run(payload(size))
            assert 0.9 < time.monotonic() - started < PATIENCE_SECONDS
    hook.run(payload(3))
    written = hook.written()
    assert [line.count(b"x") for line in written[FILE].splitlines()] == [0, 3]
    assert [line.count(b"x") for line in written[f"{FILE}.0"].splitlines()] == [1, 2]
    assert counted_lines(hook.sessions, tmp_path) == 4


@pytest.mark.parametrize("kind", NOT_REGULAR)
def test_what_is_no_regular_file_in_the_place_of_the_log_is_left_alone(hook: Hook, tmp_path: Path, kind: str) -> None:
    (hook.sessions / FILE).parent.mkdir(parents=True)
    NOT_REGULAR[kind](hook.sessions / FILE)
    hook.run_bare(payload())
    assert hook.written()[f"{FILE}.0"].endswith(payload()[1:] + b"\n")
    assert counted_lines(hook.sessions, tmp_path) == 1


def counted_lines(sessions: Path, directory: Path) -> int:
    """The number of lines that the exporter counts, as of any kind."""
    with open_ledger(directory / "data", 10) as ledger:
        Meter([str(sessions)], ledger).catch_up()
        return sum(value for (name, _), value in ledger.state.totals.counters.items() if name == LINES.name)


def test_a_payload_of_64_megabytes_is_recorded_whole(hook: Hook) -> None:
    hook.run(payload(64 << 20))
    assert hook.line().endswith(payload(64 << 20)[1:] + b"\n")


def test_a_line_is_one_write(hook: Hook, tmp_path: Path) -> None:
    """With a limit of 100 blocks, a recorder that wrote in pieces would leave only the first of them."""
    hook.run(payload(10_000))
    hook.run(payload(1_000_000), shell="ulimit -f 100; ")
    assert len(hook.written()[FILE]) in {100 * 512, 100 * 1024}


@pytest.mark.parametrize("umask", ["000", "022", "077", "777"])
def test_only_the_owner_may_access_directories_and_files(hook: Hook, umask: str) -> None:
    deep = replace(hook, sessions=hook.sessions / "deep" / "er")
    deep.run(payload(), shell=f"umask {umask}; ")
    modes = {path.stat().st_mode & 0o777 for path in [hook.sessions, *hook.sessions.rglob("*")] if path.is_dir()}
    assert modes == {0o700}
    assert (deep.sessions / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("torn", [b'{"a":', b'{"a":1}'])
def test_an_incomplete_last_line_does_not_affect_the_next_ones(hook: Hook, torn: bytes) -> None:
    file = hook.sessions / FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"{}\n" + torn)
    hook.run(payload())
    hook.run(payload())
    lines = file.read_bytes().split(b"\n")
    assert lines[:2] == [b"{}", torn]
    assert [line[:14] for line in lines[2:]] == [b'{"logged_at":"', b'{"logged_at":"', b""]


def test_a_file_at_its_size_limit_does_not_affect_the_agent(hook: Hook) -> None:
    hook.run(payload(100_000))
    before = hook.written()
    hook.run(payload(100_000), shell="ulimit -f 1; ")
    assert hook.written() == before


def test_a_full_disk_does_not_affect_the_agent(hook: Hook) -> None:
    file = hook.sessions / FILE
    file.parent.mkdir(parents=True)
    file.symlink_to("/dev/full")
    hook.run_bare(payload(1_000_000))


@pytest.mark.parametrize("place", ["sessions", "session", "log"])
def test_a_path_that_cannot_be_written_does_not_affect_the_agent(hook: Hook, place: str) -> None:
    if place == "log":
        (hook.sessions / FILE).mkdir(parents=True)
    else:
        blocked = hook.sessions if place == "sessions" else hook.sessions / "s"
        blocked.parent.mkdir(exist_ok=True)
        blocked.touch()
    hook.run_bare(payload(1_000_000))


def test_a_closed_stdin_writes_nothing(hook: Hook) -> None:
    hook.run(b"", shell="exec <&-; ")
    assert not hook.sessions.exists()


def test_closed_outputs_do_not_matter(hook: Hook) -> None:
    hook.run(payload(), shell="exec >&- 2>&-; ")
    assert hook.line()


@pytest.mark.parametrize("env", [{"LC_ALL": "xx_YY.nonsense"}, {"LANG": "C"}, {"PERL_UNICODE": "SDA"}])
def test_the_locale_does_not_matter(hook: Hook, env: dict[str, str]) -> None:
    hook.run(payload(3, "é"), env=env)
    assert hook.line().endswith(payload(3, "é")[1:] + b"\n")


@pytest.mark.parametrize("broken", [{"PERL5OPT": "-MNoSuchModule"}, {"PYTHONHOME": "/nowhere"}])
def test_a_broken_interpreter_does_not_affect_the_agent(hook: Hook, broken: dict[str, str]) -> None:
    hook.run(payload(1_000_000), env=broken)


@pytest.mark.parametrize("gone", ["script", "interpreter"])
def test_a_hook_whose_recorder_is_gone_reads_its_payload_without_output(hook: Hook, gone: str) -> None:
    missing = Path("/nowhere") / hook.recorder.script.name
    recorder = (
        replace(hook.recorder, script=missing)
        if gone == "script"
        else replace(hook.recorder, interpreter=("/nowhere/it",))
    )
    process = replace(hook, recorder=recorder).start()
    assert process.stdin is not None
    process.stdin.write(payload(4_000_000))  # a pipe without a reader would raise here
    process.stdin.close()
    assert process.wait(60) == 0
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        assert process.stdout.read() + process.stderr.read() == b""


def test_paths_may_contain_spaces_and_quotes(hook: Hook, tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s a "$HOME" `id` directory'
    odd.mkdir()
    script = Path(shutil.copy(hook.recorder.script, odd))
    replace(hook, recorder=replace(hook.recorder, script=script), sessions=odd / "log's").run(payload())
    assert (odd / "log's" / FILE).is_file()


def test_the_command_runs_in_the_common_shells(hook: Hook) -> None:
    command = hook.recorder.command(hook.sessions, "PreToolUse")
    for shell in (["sh", "-c"], ["bash", "--posix", "-c"], ["bash", "-c"]):
        result = subprocess.run([*shell, command], input=payload(), capture_output=True, check=True)
        assert result.stdout + result.stderr == b""
    assert len(hook.written()[FILE].splitlines()) == 3
