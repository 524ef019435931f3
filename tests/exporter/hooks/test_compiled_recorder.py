"""The recorder in C: the same lines as those of the script, and no other program is run in its place."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.hooks import compiled
from exporter.hooks.compiled import SOURCE, malfunction
from exporter.hooks.max_payload import MIN_BYTES, set_max_payload
from exporter.hooks.recorders import Recorder, parse_command
from tests.exporter.hooks.conftest import RECORDERS, Hook

PARTS = st.sampled_from(
    (
        b'"session_id":"ab-1"', b'"hook_event_name":"PreToolUse"', b'"hook_event_name":"Stop"',
        b'"x":{"session_id":"no"}',
        b'"y":["}",{"a":"\\""}]', b'"z":-1.5e3', b"null", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b" ",
        b"\xc3\xa9", b"\xff", b"\x00", b".", b"/",
    )
)  # fmt: skip
VALUES = st.sampled_from(("", "t1", 'a"b', "a\\b", "/home/zoë", ".hidden", "a/b"))
LOGGED_AT = re.compile(rb'"logged_at":"[^"]*"')


def written(recorder: Recorder, payload: bytes, env: dict[str, str]) -> dict[str, bytes]:
    """What a recorder writes, without the times."""
    with tempfile.TemporaryDirectory() as directory:
        hook = Hook(recorder, Path(directory))
        hook.run(payload, event="", env=env)
        return {name: LOGGED_AT.sub(b"", content) for name, content in hook.written().items()}


@settings(max_examples=60)
@given(data=st.data())
def test_it_writes_what_the_script_writes(compiled_recorder: Recorder, data: st.DataObject) -> None:
    inner = data.draw(st.one_of(st.lists(PARTS), st.lists(PARTS, unique=True)))
    payload = data.draw(st.sampled_from((b"{%s}", b"{%s", b" %s\n", b"%s"))) % data.draw(
        st.sampled_from((b",", b""))
    ).join(inner)
    names = ("TASK_ID", "CLAUDE_PROJECT_DIR", "CLAUDE_CODE_SESSION_ID")
    env = {name: data.draw(VALUES) for name in names}
    assert written(compiled_recorder, payload, env) == written(RECORDERS[".pl"], payload, env)


@pytest.mark.parametrize("missing", ["/lib/ld-of-another-machine.so.1", "program"])
def test_where_it_or_its_loader_is_not_there_the_script_records(
    tmp_path: Path, compiled_recorder: Recorder, missing: str
) -> None:
    without_loader = replace(compiled_recorder, interpreter=(missing,))
    without_program = replace(compiled_recorder, script=tmp_path / missing / compiled_recorder.script.name)
    recorder = without_loader if missing.startswith("/") else without_program
    hook = Hook(recorder, tmp_path / "sessions")
    hook.run(b'{"session_id":"s"}')
    assert hook.line().endswith(b'"session_id":"s"}\n')
    assert parse_command(recorder.command(hook.sessions, "Stop")) == (recorder, hook.sessions)


def test_where_it_does_not_start_the_script_records(tmp_path: Path, compiled_recorder: Recorder) -> None:
    loader = tmp_path / "ld-of-an-older-library.so"
    loader.write_text('#!/bin/sh\necho "version `GLIBC_9.9\' not found" >&2\nexit 1\n')
    loader.chmod(0o755)
    hook = Hook(replace(compiled_recorder, interpreter=(str(loader),)), tmp_path / "sessions")
    hook.run(b'{"session_id":"s"}')
    assert hook.line().endswith(b'"session_id":"s"}\n')


@pytest.mark.parametrize("script", ["hookmeter_recorder.pl", "/nowhere/hookmeter_recorder.pl"])
def test_a_large_result_is_recorded_whole_if_the_script_that_cuts_is_gone(
    tmp_path: Path, compiled_recorder: Recorder, script: str
) -> None:
    payload = b'{"session_id":"s","tool_response":"%s"}' % (b"x" * 50_000)
    hook = Hook(replace(compiled_recorder, clock=(*compiled_recorder.clock[:-1], script)), tmp_path)
    set_max_payload(tmp_path, MIN_BYTES)
    hook.run_bare(payload)
    assert (tmp_path / "s" / "pre_tool_use.jsonl").read_bytes().endswith(payload[1:] + b"\n")


def test_it_is_compiled_without_a_warning(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler: install gcc and libc6-dev")
    words = [
        compiler,
        "-O2",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Werror",
        "-o",
        str(tmp_path / "program"),
        str(SOURCE),
    ]
    assert subprocess.run(words, capture_output=True, text=True, check=False).stderr == ""


def test_one_of_another_version_is_compiled_again(tmp_path: Path, compiled_recorder: Recorder) -> None:
    recorder = compiled.compiled_recorder(tmp_path)
    assert recorder is not None
    recorder.script.write_bytes(b"older")
    assert malfunction(recorder, ()) == "is not the one of this version"
    assert compiled.compiled_recorder(tmp_path) == recorder
    assert malfunction(recorder, ()) == ""
    assert malfunction(replace(recorder, clock=()), ()) == "has other arguments than those of this version"


def test_one_that_is_there_needs_no_compiler(
    tmp_path: Path, compiled_recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cc", "as", "ld", "perl"):
        program = shutil.which(name)
        assert program
        (tmp_path / name).symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    kept = compiled.compiled_recorder(tmp_path)
    assert kept is not None
    (tmp_path / "cc").unlink()
    assert compiled.compiled_recorder(tmp_path) == kept
    assert malfunction(kept, [tmp_path]) == ""
    assert malfunction(kept, ()) == "does not run"  # whose it is is not known
    kept.script.write_bytes(b"cut off")
    assert compiled.compiled_recorder(tmp_path) is None
    assert malfunction(kept, [tmp_path]) == "does not run"
    kept.script.with_name(SOURCE.name).write_text("older")
    assert malfunction(kept, [tmp_path]) == "is not the one of this version"
