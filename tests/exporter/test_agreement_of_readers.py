"""The reader, the live sessions and the exporter agree on sessions that hook logs, transcripts or both report."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.catalog import TOOL_CALLS, TOOL_ERRORS
from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.model.sessions import SETTLE_US
from exporter.views.sessions import SessionSummary, ToolUse
from tests.exporter.session_roots import Roots, details, figures
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, call, event, now_us
from tests.support.synthetic_transcripts import transcript_call, transcript_end, transcript_prompt

WITNESSES = ("hooks", "transcript", "both")


@pytest.fixture
def now() -> int:
    return now_us()


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    (tmp_path / "sessions").mkdir()
    return Roots(tmp_path / "sessions", tmp_path / "projects")


def busy_sessions(roots: Roots, rng: random.Random, now: int) -> None:
    """Write sessions of all witnesses: the hooks and the transcript of one may each lack some of its calls."""
    for number in range(60):
        witness, session = rng.choice(WITNESSES), f"s{number}"
        at_us = now - rng.randrange(2, 20 * 60) * MINUTE_US
        if witness != "transcript":
            event(roots.logs, session, "UserPromptSubmit", at_us, project_dir="/home/dev/shop")
        if witness != "hooks":
            transcript_prompt(roots.projects, session, at_us)
        for _ in range(rng.randrange(1, 9)):
            at_us += rng.randrange(1, 5) * SECOND_US
            one_call(roots, rng, session, witness, min(at_us, now - 2 * SETTLE_US))
        if rng.random() < 0.3 and witness != "transcript":
            event(roots.logs, session, rng.choice(["SessionEnd", "Stop", "UserPromptSubmit"]), at_us + SECOND_US)
        if rng.random() < 0.3 and witness != "hooks":
            transcript_end(roots.projects, session)


def one_call(roots: Roots, rng: random.Random, session: str, witness: str, at_us: int) -> None:
    tool, error = rng.choice(("Bash", "Read")), rng.choice(("", "", "Exit code 1"))
    call_id, agent_id = f"toolu_{rng.getrandbits(64):x}", rng.choice(("", "", "a1"))
    side = {"agent_id": agent_id, "agent_type": "Explore"} if agent_id else {}
    if witness == "hooks" or (witness == "both" and rng.random() < 0.9):
        took_ms = rng.choice((None, 5, 500))
        call(roots.logs, session, at_us, tool=tool, took_ms=took_ms, error=error, **{"tool_use_id": call_id, **side})
    if witness != "hooks" and (witness == "transcript" or rng.random() < 0.9):
        took_ms = rng.choice((None, 5, 500))
        options: dict[str, Any] = {"call_id": call_id, "agent_id": agent_id}
        transcript_call(roots.projects, session, at_us, tool=tool, took_ms=took_ms, error=error, **options)


def shown_figures(summary: SessionSummary, tools: list[ToolUse]) -> tuple[object, ...]:
    running = sum(tool["outcome"] == "running" for tool in tools)
    return summary["status"], summary["tool_count"], running, summary["project"], summary["last_activity_at"]


@pytest.mark.parametrize("seed", range(4))
def test_reader_live_sessions_and_exporter_agree(roots: Roots, tmp_path: Path, seed: int, now: int) -> None:
    busy_sessions(roots, random.Random(seed), now)
    for path in roots.projects.rglob("*.jsonl"):  # so that also the ends of processes, which have no time, are settled
        os.utime(path, ns=((now - 2 * SETTLE_US) * 1000,) * 2)
    with open_ledger(tmp_path / "data", 200) as ledger:
        meter = Meter([str(roots.logs)], ledger, clock=lambda: now, transcript_roots=[str(roots.projects)])
        meter.catch_up()
        counted = {session.session_id: figures(session, now) for session in meter.recent_sessions()}
        counters = ledger.state.totals.counters
    calls = {labels: number for (name, labels), number in counters.items() if name == TOOL_CALLS.name}
    errors = {labels: number for (name, labels), number in counters.items() if name == TOOL_ERRORS.name}

    tracker = roots.live(now)
    assert {count.session.session_id: figures(count.session, now) for count in tracker.sessions()} == counted
    assert (dict(tracker.calls.outcomes), dict(tracker.calls.errors)) == (calls, errors)

    reader, shown, outcomes = roots.reader(now), {}, Counter[tuple[str, str, str]]()
    for listed in reader.get_all_sessions():
        summary, tools = details(reader, listed["session_uuid"])
        assert summary == listed
        assert summary["error_count"] == sum(tool["outcome"] == "error" for tool in tools)
        shown[summary["session_uuid"]] = shown_figures(summary, tools)
        outcomes.update((tool["tool_name"], tool["agent"], tool["outcome"]) for tool in tools)
    assert shown == counted
    assert {key: number for key, number in outcomes.items() if key[2] != "running"} == calls
