"""The meter on what cannot be read: it costs itself alone, it is never waited for, and it is said once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.counting.catalog import PROMPTS, TOOL_CALLS, Counter
from exporter.hooks_reader import HooksReader
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from tests.support.not_regular import NOT_REGULAR, deadline
from tests.support.permissions import unprivileged_user
from tests.support.synthetic_logs import SECOND_US, call, event, now_us
from tests.support.transcript_lines import SESSION, SLUG, assistant_line

NOW_US = now_us()
UNREADABLE = "/proc/self/mem"  # opens, but cannot be read at its start, even by root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    return tmp_path / "projects"


@pytest.fixture
def meter(root: Path, projects: Path, tmp_path: Path) -> Iterator[Meter]:
    with open_ledger(tmp_path / "data", 200) as ledger:
        yield Meter([str(root)], ledger, transcript_roots=[str(projects)])


def counted(meter: Meter, counter: Counter) -> int:
    with deadline():
        meter.catch_up()
    return sum(value for (name, _), value in meter.ledger.state.totals.counters.items() if name == counter.name)


@pytest.mark.parametrize("name", ["events.jsonl", "post_tool_use.jsonl.1", "session_end.jsonl"])
def test_a_file_that_cannot_be_read_does_not_hold_up_those_next_to_it(
    meter: Meter, root: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad = root / "s" / name
    for _ in range(3):
        call(root, "s", NOW_US)
        bad.unlink(missing_ok=True)
        bad.symlink_to(UNREADABLE)
        assert counted(meter, TOOL_CALLS)
    assert counted(meter, TOOL_CALLS) == 3
    (warning,) = caplog.messages
    assert warning == f"{bad} cannot be read (Input/output error); fix that, then it is read in full."
    assert meter.unreadable == {str(bad.parent): warning}
    bad.unlink()
    event(root, "s", "UserPromptSubmit", NOW_US, prompt="x")
    assert counted(meter, PROMPTS) == 1
    assert meter.unreadable == {}


def test_a_link_to_where_one_may_not_look_does_not_hold_up_those_next_to_it() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:  # which others may enter
        root, secret = Path(directory, "sessions"), Path(directory, "secret")
        call(root, "s", NOW_US)
        secret.mkdir(mode=0o700)
        (secret / "events.jsonl").touch()
        (root / "s" / "events.jsonl").symlink_to(secret / "events.jsonl")
        Path(directory).chmod(0o755)
        with unprivileged_user():
            reader = HooksReader(root)
            (session,) = reader.get_all_sessions()
    assert session["tool_count"] == 1
    assert reader.unreadable == {str(root / "s" / "events.jsonl"): "Permission denied"}


@pytest.mark.parametrize("kind", NOT_REGULAR)
@pytest.mark.parametrize(
    "place",
    [
        "sessions/rate_limits.json",
        "sessions/s/events.jsonl",
        "sessions/s/pre_tool_use.jsonl.1",
        f"projects/{SLUG}/other.jsonl",
        f"projects/{SLUG}/{SESSION}/subagents/agent-b.jsonl",
        f"projects/{SLUG}/{SESSION}/subagents/agent-a.meta.json",
    ],
)
def test_what_is_no_regular_file_is_never_waited_for(
    meter: Meter, root: Path, projects: Path, tmp_path: Path, place: str, kind: str
) -> None:
    call(root, "s", NOW_US)
    transcript = projects / SLUG / SESSION / "subagents" / "agent-a.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_text(assistant_line(1, sessionId=SESSION, isSidechain=True, agentId="a") + "\n")
    NOT_REGULAR[kind](tmp_path / place)
    assert counted(meter, TOOL_CALLS) == 1
    assert meter.ledger.state.spent


def test_a_file_that_becomes_a_pipe_after_it_was_listed_is_refused(
    meter: Meter, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(root, "s", NOW_US)
    event(root, "s", "UserPromptSubmit", NOW_US, prompt="x")
    opened = root / "s" / "events.jsonl"
    monkeypatch.setattr("exporter.ingest.follow.log_files", lambda directory: _listed_then_replaced(directory, opened))
    assert counted(meter, TOOL_CALLS) == 1
    assert "not a regular file" in meter.unreadable[str(root / "s")]


def _listed_then_replaced(directory: str, path: Path) -> list[object]:
    from exporter.sources.files import log_files  # noqa: PLC0415 - the one that is replaced

    files = log_files(directory)
    if directory == str(path.parent) and path.is_file():
        path.unlink()
        os.mkfifo(path)
    return [*files]


def test_an_array_that_is_too_large_is_refused_with_the_remedy(
    meter: Meter, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporter.sources.lines.MAX_ARRAY_BYTES", 1 << 20)
    call(root, "s", NOW_US + SECOND_US)
    (root / "s" / "events.json").write_text("[\n" + " " * (1 << 20) + "\n]")
    assert counted(meter, TOOL_CALLS) == 1
    assert "a JSON array of more than 1 MB, write one record per line instead" in meter.unreadable[str(root / "s")]
