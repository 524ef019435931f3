"""The real Claude Code in a terminal waits for a person: what the hooks and its own files report of that."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exporter.model.waiting import WaitReason
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.waiting import WaitingNow, waiting_now
from tests.e2e.processes import PATIENCE_SECONDS, wait_for
from tests.e2e.test_agreement_in_terminal import ENTER, ESCAPE, Desk, desk
from tests.e2e.workplace import Workplace

TRANSCRIPTS_ALONE, HOOKS_TOO = "transcripts alone", "hooks, too"


@pytest.fixture(params=[HOOKS_TOO, TRANSCRIPTS_ALONE])
def live(workplace: Workplace, request: pytest.FixtureRequest) -> LiveSessions:
    """What the server follows, with or without the hook logs."""
    sessions = workplace.sessions if request.param == HOOKS_TOO else workplace.directory / "none"
    return LiveSessions(sessions, transcript_roots=[workplace.projects])


def waiting(live: LiveSessions) -> list[WaitingNow]:
    live.refresh()
    return waiting_now(live.waits(live.sessions()), live.labels({}))


def wait_of(live: LiveSessions, reason: WaitReason) -> WaitingNow:
    """The only wait, once it is for this reason."""
    found = wait_for(lambda: [one for one in waiting(live) if one["reason"] == reason], f"a wait: {reason}")
    return found[0]


def nobody_waits(live: LiveSessions) -> bool:
    return not waiting(live)


def process_ids(workplace: Workplace) -> Iterator[int]:
    for path in (workplace.projects.parent / "sessions").glob("*.json"):
        yield int(path.stem)


def started(person: Desk, script: str) -> None:
    person.begin(f"one script:{script}")
    wait_for(lambda: "proceed?" in person.terminal.shown, "the request for permission")


def test_a_permission_is_waited_for_until_it_is_granted(workplace: Workplace, live: LiveSessions) -> None:
    with desk(workplace) as person:
        started(person, "slow-making")
        assert wait_of(live, WaitReason.PERMISSION)["project"] == "shop"
        person.press_until(ENTER, (workplace.project / "made").exists)
        wait_for(lambda: nobody_waits(live), "the end of the wait, while the command runs")
        person.wake()
        wait_of(live, WaitReason.IDLE)
    wait_for(lambda: nobody_waits(live), "the end of the session")


def test_a_permission_that_is_refused_ends_in_an_idle_session(workplace: Workplace, live: LiveSessions) -> None:
    with desk(workplace) as person:
        started(person, "making")
        wait_of(live, WaitReason.PERMISSION)
        person.terminal.press(ESCAPE)
        wait_of(live, WaitReason.IDLE)


def test_a_question_is_waited_for_until_it_is_answered(workplace: Workplace, live: LiveSessions) -> None:
    with desk(workplace) as person:
        person.begin("one script:asking")
        wait_of(live, WaitReason.QUESTION)
        wait_for(lambda: "Which colour?" in person.terminal.shown, "the question")
        person.press_until(ENTER, lambda: person.number_of("Stop") == 1)
        wait_of(live, WaitReason.IDLE)


def test_a_session_that_was_killed_waits_for_nobody(workplace: Workplace, live: LiveSessions) -> None:
    with desk(workplace) as person:
        started(person, "making")
        wait_of(live, WaitReason.PERMISSION)
        (process_id,) = process_ids(workplace)
        os.kill(process_id, signal.SIGKILL)
        wait_for(lambda: nobody_waits(live), "the end of the wait")


def test_the_recorder_records_the_notification_of_a_wait(workplace: Workplace) -> None:
    with desk(workplace) as person:
        started(person, "making")
        wait_for(lambda: workplace.has_recorded("Notification"), "the notification, after six seconds")
    (line,) = (line for _, line in workplace.recorded() if line["hook_event_name"] == "Notification")
    assert line["notification_type"] == "permission_prompt"


def test_hookmeter_wait_ends_when_claude_code_asks(workplace: Workplace) -> None:
    places = ("--sessions-dir", str(workplace.sessions), "--transcripts-dir", str(workplace.projects))
    command = [sys.executable, "-m", "exporter", "wait", "--json", *places]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, desk(workplace) as person:
        assert process.poll() is None
        started(person, "making")
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    (found,) = _decoded(output)
    assert (found["reason"], found["tool"], found["text"]) == ("permission", "Bash", "mkdir made")


def test_a_run_without_a_terminal_is_never_idle(workplace: Workplace, live: LiveSessions) -> None:
    asleep: Path = workplace.project / "asleep"
    with workplace.running("sleepy") as process:
        wait_for(asleep.exists, "the command")
        assert nobody_waits(live)
        (workplace.project / "awake").touch()
        process.wait(PATIENCE_SECONDS)
    assert nobody_waits(live)


def _decoded(output: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(output)
    return found
