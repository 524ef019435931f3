"""The helper process for transcripts: with it, without it or after its sudden end, the ledger is the same."""

from __future__ import annotations

import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from exporter.ingest import batch_writer, helper_process, transcript_helper
from exporter.ingest.helper_process import HelperProcess
from exporter.ingest.meter import Meter
from exporter.ingest.transcript_helper import Reads, TranscriptHelper, UnreadFile
from exporter.ledger.opening import open_ledger
from exporter.sources.lines import CHUNK_BYTES
from tests.benchmarks import synthetic_transcripts

SIZE = 0.04  # 40 sessions
CLOCK_US = 4_000_000_000_000_000  # all have been silent for long
SNAPSHOT = f'{{"type":"file-history-snapshot","text":"{"x" * (CHUNK_BYTES // 2)}"}}\n'
Received = list[Reads | None]
TABLES = (
    "agent_runs", "cost_states", "counters", "distributions", "files", "label_values", "open_calls", "projects",
    "session_calls", "session_list", "session_usage", "session_versions", "sessions", "transcript_sessions",
)  # fmt: skip
OTHERS = (  # whose rows have ids, which may be given in another order
    "SELECT key, time_us, cost, moved, model, agent, project, session FROM messages JOIN origins ON id = origin",
    "SELECT hour, project, tool, agent, outcome, bucket, calls FROM call_hours JOIN call_kinds ON id = kind",
)
Content = dict[str, set[str]]


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """The helper is used after a few files and for all others, on any machine."""
    monkeypatch.setattr(transcript_helper, "HEAD_START_BYTES", 1 << 20)
    monkeypatch.setattr(batch_writer, "BATCH_BYTES", 1 << 20)
    monkeypatch.setattr(helper_process, "processor_count", lambda: 2)


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """Many usual sessions with sub-agents, some that take several parts, forks, damage, and lines without a session."""
    root = tmp_path / "projects"
    synthetic_transcripts.write_transcripts(root, SIZE)
    transcripts, rng = sorted(root.glob("*/*.jsonl")), random.Random(1)
    for transcript in rng.sample(transcripts, 4):
        fork = transcript.with_stem("f" + transcript.stem[1:])
        own = f'"sessionId":"{transcript.stem}"'
        copy = own.replace(transcript.stem, fork.stem) + f',"forkedFrom":{{{own}}}'
        fork.write_text(transcript.read_text().replace(own, copy))
    for transcript in rng.sample(transcripts, 20):
        lines = transcript.read_text().splitlines(keepends=True)
        transcript.write_text("".join([*lines[:40], SNAPSHOT * 3, *lines[40:]]))
    for transcript in rng.sample(transcripts, 4):
        with transcript.open("a") as file:
            file.write(
                '{"type":"user","sessionId":"torn\n{"type":"user","message":{"role":"user","content":"Go on"}}\n'
            )
    return root


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Received:
    """What the helper process has returned of each file."""
    results: Received = []
    receive = HelperProcess.receive

    def noted(self: TranscriptHelper) -> tuple[UnreadFile, Reads | None]:
        file, reads = receive(self)
        results.append(reads)
        return file, reads

    monkeypatch.setattr(TranscriptHelper, "receive", noted)
    return results


def counted(projects: Path, data: Path) -> Content:
    """The content of a ledger after the first reading."""
    with open_ledger(data, 10_000) as ledger:
        Meter([], ledger, lambda: CLOCK_US, transcript_roots=[str(projects)]).catch_up()
        select = ledger._connection.execute
        queries = (*OTHERS, *(f"SELECT * FROM {table}" for table in TABLES))
        seen = select("SELECT session_id, keys FROM seen").fetchall()
        return {
            **{query: set(map(repr, select(query))) for query in queries},
            "seen": {f"{session} {key}" for session, keys in seen for key in keys.split("\n")},
        }


@pytest.fixture
def alone(projects: Path, tmp_path: Path) -> Content:
    """The result of one process alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(helper_process, "processor_count", lambda: 1)
        return counted(projects, tmp_path / "alone")


def test_two_processes_give_the_ledger_of_one(
    projects: Path, tmp_path: Path, alone: Content, received: Received
) -> None:
    assert counted(projects, tmp_path / "both") == alone
    assert None in received  # what it left to the meter
    assert max(len(reads) for reads in received if reads) > 1


def test_few_transcripts_need_no_helper(
    projects: Path, tmp_path: Path, alone: Content, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_helper, "HEAD_START_BYTES", 1 << 30)
    assert counted(projects, tmp_path / "one") == alone
    assert received == []


@pytest.mark.parametrize("after", [0, 1, 9])
def test_a_helper_that_is_killed_loses_nothing(
    projects: Path,
    tmp_path: Path,
    alone: Content,
    after: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    received: Received = []
    receive = HelperProcess.receive

    def killed(self: TranscriptHelper) -> tuple[UnreadFile, Reads | None]:
        if len(received) == after and self._process:
            self._process.kill()
            self._process.wait()
        file, reads = receive(self)
        received.append(reads)
        return file, reads

    monkeypatch.setattr(TranscriptHelper, "receive", killed)
    assert counted(projects, tmp_path / "both") == alone
    assert caplog.text.count("this process continues reading alone") == 1


def test_without_a_helper_that_can_be_started_the_meter_reads_everything(
    projects: Path, tmp_path: Path, alone: Content, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert counted(projects, tmp_path / "both") == alone
    assert caplog.text.count("this process continues reading alone") == 1


def test_while_the_helper_is_busy_later_files_are_read_here(
    projects: Path, tmp_path: Path, alone: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_helper, "MAX_WAITING", 2)
    read_here: list[UnreadFile] = []
    read_another = TranscriptHelper.read_another

    def noted(self: TranscriptHelper) -> None:
        read_another(self)
        read_here.extend(file for file, _ in self._read_here)

    monkeypatch.setattr(TranscriptHelper, "read_another", noted)
    assert counted(projects, tmp_path / "both") == alone
    assert read_here


def test_the_helper_ends_when_a_refresh_is_aborted(projects: Path, tmp_path: Path, received: Received) -> None:
    with open_ledger(tmp_path / "data", 10_000) as ledger:
        reading: Any = Meter([], ledger, lambda: CLOCK_US, transcript_roots=[str(projects)]).refresh()
        while not received:
            next(reading)
        ingest = reading
        while "helper" not in ingest.gi_frame.f_locals:
            ingest = ingest.gi_yieldfrom
        process = ingest.gi_frame.f_locals["helper"]._process
        reading.close()
    assert process.poll() == -signal.SIGKILL
    assert counted(projects, tmp_path / "data") == counted(projects, tmp_path / "whole")
