"""The helper process for hook logs: with it, without it or after its sudden end, the numbers are the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from exporter.ingest import batch_writer, helper_process, hook_helper
from exporter.ingest.hook_helper import HookHelper, Part
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.ledger.store import Ledger
from tests.benchmarks import synthetic_logs

SESSIONS, CALLS = 60, 20
END_SECONDS = 20


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """The helper is used after a few directories and for all others, on any machine."""
    monkeypatch.setattr(batch_writer, "BATCH_SESSIONS", 5)
    monkeypatch.setattr(hook_helper, "GROUPS_PER_MESSAGE", 2)
    monkeypatch.setattr(hook_helper, "MAX_WAITING", SESSIONS)
    monkeypatch.setattr(helper_process, "processor_count", lambda: 2)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Many usual sessions, and some of each kind that the helper leaves to the meter."""
    root, more = tmp_path / "sessions", tmp_path / "more"
    texts = synthetic_logs.texts(10, 200)
    synthetic_logs.write_sessions(root, synthetic_logs.recorder, texts, SESSIONS, CALLS)
    synthetic_logs.write_sessions(root, synthetic_logs.older_recorder, texts, SESSIONS // 2, CALLS)
    directories, rng = sorted(root.iterdir()), random.Random(1)
    for directory in rng.sample(directories, 6):  # the session continues in the other root
        (more / directory.name).mkdir(parents=True)
        for log in ("pre_tool_use.jsonl", "post_tool_use.jsonl"):
            lines = (directory / log).read_bytes().splitlines(keepends=True)
            (directory / log).write_bytes(b"".join(lines[:-5]))
            (more / directory.name / log).write_bytes(b"".join(lines[-9:]))
    with_events = [directory for directory in directories if (directory / "events.jsonl").exists()]
    for directory, other in zip(
        rng.sample(directories, 6), rng.sample(with_events, 6), strict=True
    ):  # a line of another session
        first = json.loads((other / "events.jsonl").read_text().splitlines()[0])
        with (directory / "events.jsonl").open("a") as events:
            events.write(json.dumps(first | {"hook_event_name": "UserPromptSubmit"}) + "\n")
    for directory in rng.sample(directories, 6):  # damage
        with (directory / "pre_tool_use.jsonl").open("a") as starts:
            starts.write('{"session_id": "torn\n')
    (root / "empty").mkdir()
    return root


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of directories in each part from the helper."""
    sizes: list[int] = []
    receive = HookHelper._receive_part

    def noted(self: HookHelper) -> Part:
        part = receive(self)
        sizes.append(len(part.read))
        return part

    monkeypatch.setattr(HookHelper, "_receive_part", noted)
    return sizes


def counted(logs: Path, data: Path, refresh: Callable[[Meter], Iterator[int]] = Meter.refresh) -> dict[str, object]:
    """The content of a ledger after a cold start."""
    roots = [str(logs), str(logs.with_name("more"))]
    with open_ledger(data, 10_000) as ledger:
        for _ in refresh(Meter(roots, ledger)):
            pass
        return content(ledger)


def content(ledger: Ledger) -> dict[str, object]:
    tables = ("counters", "distributions", "files", "sessions", "open_calls", "label_values")
    select = ledger._connection.execute
    result: dict[str, object] = {t: sorted(select(f"SELECT * FROM {t}").fetchall(), key=repr) for t in tables}
    seen = select("SELECT session_id, keys FROM seen").fetchall()
    return result | {"seen": {(session, key) for session, keys in seen for key in keys.split("\n")}}


@pytest.fixture
def alone(logs: Path, tmp_path: Path) -> dict[str, object]:
    """The result of one process alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(helper_process, "processor_count", lambda: 1)
        return counted(logs, tmp_path / "alone")


def test_two_processes_give_the_numbers_of_one(
    logs: Path, tmp_path: Path, alone: dict[str, object], received: list[int]
) -> None:
    assert counted(logs, tmp_path / "both") == alone
    assert sum(received) > SESSIONS // 4


def test_with_one_processor_no_process_is_started(alone: dict[str, object], received: list[int]) -> None:
    assert alone["sessions"]
    assert received == []


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_helper_that_is_killed_loses_nothing(
    logs: Path,
    tmp_path: Path,
    alone: dict[str, object],
    after: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts: list[Part] = []
    receive = HookHelper._receive_part

    def killed(self: HookHelper) -> Part:
        if len(parts) == after and self._process:
            self._process.kill()
            self._process.wait()
        parts.append(receive(self))
        return parts[-1]

    monkeypatch.setattr(HookHelper, "_receive_part", killed)
    assert counted(logs, tmp_path / "both") == alone
    assert caplog.text.count("this process continues reading alone") == 1


def test_without_a_helper_that_can_be_started_the_meter_reads_everything(
    logs: Path,
    tmp_path: Path,
    alone: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert counted(logs, tmp_path / "both") == alone
    assert caplog.text.count("this process continues reading alone") == 1


def test_the_helper_ends_when_a_refresh_is_aborted(logs: Path, tmp_path: Path, received: list[int]) -> None:
    processes = []

    def some(meter: Meter) -> Iterator[int]:
        slices: Any = meter.refresh()
        for read in slices:
            yield read
            if received:
                ingest = slices
                while "helper" not in ingest.gi_frame.f_locals:
                    ingest = ingest.gi_yieldfrom
                processes.append(ingest.gi_frame.f_locals["helper"]._process)
                return

    before = counted(logs, tmp_path / "data", some)
    assert processes[0].poll() == -signal.SIGKILL
    assert counted(logs, tmp_path / "data") == counted(logs, tmp_path / "whole") != before


def test_the_helper_ends_with_the_process_that_it_helps() -> None:
    program = (
        "import os, sys; from exporter.ingest.hook_helper import HookHelper;"
        "helper = HookHelper(); helper._start();"
        "print(helper._process.pid, flush=True); sys.stdin.read()"
    )
    here, there = Pipe()  # the helper inherits the other end and keeps it open until it ends
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=there.fileno()
    ) as helped:
        there.close()
        assert helped.stdout
        assert int(helped.stdout.readline())
        helped.kill()
    assert here.poll(END_SECONDS)
    with pytest.raises(EOFError):
        here.recv()


def test_a_package_with_the_same_name_in_the_working_directory_is_not_imported(
    logs: Path, tmp_path: Path, alone: dict[str, object], received: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_package = tmp_path / "project" / "exporter"
    other_package.mkdir(parents=True)
    (other_package / "__init__.py").write_text(f"import os; os.kill({os.getpid()}, 9)")
    monkeypatch.chdir(other_package.parent)
    assert counted(logs, tmp_path / "both") == alone
    assert sum(received)
