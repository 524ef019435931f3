"""Sessions that wait for a person, by hooks, transcripts and what Claude Code writes about its processes."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from exporter.model.waiting import Wait, WaitReason
from exporter.snapshot.live_sessions import LiveSessions
from exporter.sources.timestamps import to_us
from tests.exporter.ingest.witnesses import COST_STATE, Machine, Written, answered, hook, hooked_call, hooked_end, said
from tests.exporter.ingest.witnesses import used as use
from tests.support.claude_process import process_file, running_process
from tests.support.transcript_lines import NOON, assistant_line, prompt_line

NOON_US = to_us(NOON.isoformat()) or 0
ANSWER = {"content": [{"type": "text", "text": "Done."}], "stop_reason": "end_turn"}
ASKED = {"tool_name": "Bash", "tool_input": {"command": "a"}}


class Waiting(NamedTuple):
    """Why a session waits, since which second, and the tool of the call that waits."""

    reason: WaitReason
    since: float
    tool: str = ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def asked(second: float) -> Written:
    return hook(second, "PermissionRequest", **ASKED)


def prompt(second: float) -> Written:
    return hook(second, "UserPromptSubmit", prompt="Do it")


def notified(second: float, kind: str) -> Written:
    return hook(second, "Notification", message="Claude is waiting", notification_type=kind)


def stopped(second: float, **fields: object) -> Written:
    return hook(second, "Stop", **fields)


def answer(second: float) -> Written:
    return said(second, assistant_line(9, second=second, message=ANSWER))


def waiting(machine: Machine, second: float) -> list[Waiting]:
    """What all readers say at a second: the meter, the meter after a restart, and the live sessions."""
    machine.second = second
    with machine.meter() as meter:
        meter.catch_up()
        found = meter.waits()
    with machine.meter() as restarted:
        restarted.processes.refresh()
        assert [as_shown(wait) for wait in restarted.waits()] == [as_shown(wait) for wait in found]
    live = LiveSessions(
        machine.directory / "sessions",
        clock=lambda: NOON_US + round(second * 1e6),
        transcript_roots=[machine.directory / "projects"],
    )
    live.refresh()
    assert [as_shown(wait) for wait in live.waits(live.sessions())] == [as_shown(wait) for wait in found]
    return [as_shown(wait) for wait in found]


def as_shown(wait: Wait) -> Waiting:
    return Waiting(wait.reason, (wait.since_us - NOON_US) / 1e6, wait.tool)


PERMISSION = Waiting(WaitReason.PERMISSION, 1, "Bash")
SITUATIONS: dict[str, tuple[list[Written], list[Waiting]]] = {
    "a call that was asked for": ([prompt(0), hooked_call(1, "a"), asked(1.1)], [PERMISSION]),
    "a call that runs": ([prompt(0), hooked_call(1, "a")], []),
    "two calls that were asked for": (
        [
            prompt(0), hooked_call(1, "a"), asked(1.1), hooked_call(2, "b"),
            hook(2.1, "PermissionRequest", tool_name="Bash", tool_input={"command": "b"}),
        ],
        [PERMISSION],
    ),
    "a call that was granted, and has ended": (
        [prompt(0), hooked_call(1, "a"), asked(1.1), hooked_end(9, "a", 1)], []
    ),
    "a call that was denied": (
        [
            prompt(0), hooked_call(1, "a"), asked(1.1),
            hook(3, "PermissionDenied", tool_use_id="a", reason="no", **ASKED),
        ],
        [],
    ),
    "a call that was refused, which ended the turn": (
        [prompt(0), hooked_call(1, "a"), asked(1.1), stopped(4)], [Waiting(WaitReason.IDLE, 4)]
    ),
    "a question": (
        [prompt(0), hooked_call(1, "a", "AskUserQuestion")], [Waiting(WaitReason.QUESTION, 1, "AskUserQuestion")]
    ),
    "a question of a transcript": (
        [said(0, prompt_line("Do it", second=0)), use(1, 1, "a", "AskUserQuestion")],
        [Waiting(WaitReason.QUESTION, 1, "AskUserQuestion")],
    ),
    "an answered question of a transcript": (
        [said(0, prompt_line("Do it", second=0)), use(1, 1, "a", "AskUserQuestion"), answered(5, "a")], []
    ),
    "a plan": ([prompt(0), hooked_call(1, "a", "ExitPlanMode")], [Waiting(WaitReason.QUESTION, 1, "ExitPlanMode")]),
    "a turn that has ended": ([prompt(0), stopped(4)], [Waiting(WaitReason.IDLE, 4)]),
    "a turn that has ended in a transcript": (
        [said(0, prompt_line("Do it", second=0)), answer(4)], [Waiting(WaitReason.IDLE, 4)]
    ),
    "a turn that goes on in a transcript": (
        [said(0, prompt_line("Do it", second=0)), answer(4), said(6, prompt_line("More", second=6))], []
    ),
    "a turn that was interrupted in a transcript": (
        [said(0, prompt_line("Do it", second=0)), said(4, prompt_line("[Request interrupted by user]", second=4))],
        [Waiting(WaitReason.IDLE, 4)],
    ),
    "a turn that the API has ended": (
        [prompt(0), hook(4, "StopFailure", error="server_error")], [Waiting(WaitReason.IDLE, 4)]
    ),
    "a sub-agent that the API has ended": (
        [prompt(0), hook(4, "StopFailure", error="server_error", agent_id="a1", agent_type="Explore")], []
    ),
    "another turn": ([prompt(0), stopped(4), prompt(6)], []),
    "a turn that ended while a sub-agent runs": (
        [prompt(0), hook(1, "SubagentStart", agent_id="a1", agent_type="Explore"), stopped(4)], []
    ),
    "a session that is opened again": ([prompt(0), stopped(4), hook(9, "SessionStart", source="resume")], []),
    "a context that was compacted": (
        [prompt(0), stopped(4), hook(9, "SessionStart", source="compact")], [Waiting(WaitReason.IDLE, 4)]
    ),
    "a session without a prompt": ([hook(0, "SessionStart", source="startup")], []),
    "a notification after a minute": ([prompt(0), notified(20, "idle_prompt")], [Waiting(WaitReason.IDLE, 20)]),
    "a session that has ended": (
        [prompt(0), hooked_call(1, "a"), asked(1.1), hook(9, "SessionEnd", reason="exit")], []
    ),
    "a session whose transcript has ended": (
        [said(0, prompt_line("Do it", second=0)), answer(4), said(5, COST_STATE)], []
    ),
    "an MCP server that asks": (
        [prompt(0), hooked_call(1, "a", "mcp__shop__buy"), notified(8, "login_done")], []
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_all_readers_agree_on_who_waits(machine: Machine, name: str) -> None:
    lines, expected = SITUATIONS[name]
    machine.write(*lines)
    assert waiting(machine, 60) == expected


def test_an_mcp_server_that_asks_is_a_question(machine: Machine) -> None:
    machine.write(prompt(0), hooked_call(1, "a", "mcp__shop__buy"), notified(8, "elicitation_dialog"))
    machine.second = 60
    with machine.meter() as meter:
        meter.catch_up()
        assert [as_shown(wait) for wait in meter.waits()] == [Waiting(WaitReason.QUESTION, 1, "mcp__shop__buy")]


@pytest.mark.parametrize("order", [*itertools.permutations(range(4))], ids=str)
def test_the_order_in_which_lines_are_read_does_not_matter(machine: Machine, order: tuple[int, ...]) -> None:
    lines = [prompt(0), stopped(4), prompt(6), stopped(9)]
    machine.second = 60
    for number in order:
        machine.write(lines[number])
        with machine.meter() as meter:
            meter.catch_up()
            found = [as_shown(wait) for wait in meter.waits()]
    assert found == [Waiting(WaitReason.IDLE, 9)]


def test_a_turn_that_has_just_ended_is_no_wait_for_five_seconds(machine: Machine) -> None:
    machine.write(prompt(0), stopped(4))
    assert waiting(machine, 8) == []
    assert waiting(machine, 9) == [Waiting(WaitReason.IDLE, 4)]


def test_a_session_without_a_process_waits_for_an_hour_at_most(machine: Machine) -> None:
    machine.write(prompt(0), hooked_call(1, "a"), asked(2))
    assert waiting(machine, 3602) == [PERMISSION]
    assert waiting(machine, 3603) == []


class TestProcesses:
    """What Claude Code writes about a process decides."""

    def write(self, machine: Machine, pid: int, second: float, status: str, **fields: object) -> Path:
        return process_file(machine.directory, pid, NOON_US + round(second * 1e6), status, **fields)

    def test_a_permission_that_was_granted_is_no_wait_while_the_call_runs(self, machine: Machine) -> None:
        machine.write(prompt(0), hooked_call(1, "a"), asked(1.1))
        with running_process() as process:
            self.write(machine, process.pid, 1.2, "waiting", waitingFor="permission prompt")
            assert waiting(machine, 30) == [PERMISSION._replace(since=1.2)]
            self.write(machine, process.pid, 31, "busy")
            assert waiting(machine, 40) == []

    def test_a_permission_without_hooks_is_a_wait(self, machine: Machine) -> None:
        machine.write(said(0, prompt_line("Do it", second=0)), use(1, 1, "a"))
        with running_process() as process:
            self.write(machine, process.pid, 2, "waiting", waitingFor="permission prompt")
            assert waiting(machine, 30) == [Waiting(WaitReason.PERMISSION, 2)]
            self.write(machine, process.pid, 2, "waiting", waitingFor="input needed")
            assert waiting(machine, 30) == [Waiting(WaitReason.QUESTION, 2)]

    def test_a_session_that_runs_may_wait_for_longer_than_an_hour(self, machine: Machine) -> None:
        machine.write(prompt(0), stopped(4))
        with running_process() as process:
            self.write(machine, process.pid, 4.1, "idle")
            assert waiting(machine, 20_000) == [Waiting(WaitReason.IDLE, 4.1)]

    def test_a_turn_that_was_interrupted_is_an_idle_session(self, machine: Machine) -> None:
        machine.write(hook(0, "SessionStart", source="startup"), prompt(1), hooked_call(2, "a"))
        with running_process() as process:
            self.write(machine, process.pid, 9, "idle")
            assert waiting(machine, 30) == [Waiting(WaitReason.IDLE, 9)]

    def test_a_session_that_was_only_opened_waits_for_nobody(self, machine: Machine) -> None:
        machine.write(hook(0, "SessionStart", source="startup"))
        with running_process() as process:
            self.write(machine, process.pid, 9, "idle")
            assert waiting(machine, 30) == []

    def test_a_process_without_a_terminal_waits_for_no_prompt(self, machine: Machine) -> None:
        machine.write(prompt(0), stopped(4))
        with running_process() as process:
            self.write(machine, process.pid, 4.1, "idle", entrypoint="sdk-cli")
            assert waiting(machine, 30) == []

    def test_a_process_that_was_killed_waits_for_nobody(self, machine: Machine) -> None:
        machine.write(prompt(0), hooked_call(1, "a"), asked(1.1))
        with running_process() as process:
            self.write(machine, process.pid, 1.2, "waiting", waitingFor="permission prompt")
        assert waiting(machine, 30) == []

    def test_a_process_whose_file_was_removed_waits_for_nobody(self, machine: Machine) -> None:
        machine.write(prompt(0), stopped(4))
        machine.second = 30
        with running_process() as process, machine.meter() as meter:
            path = self.write(machine, process.pid, 4.1, "idle")
            meter.catch_up()
            assert [as_shown(wait) for wait in meter.waits()] == [Waiting(WaitReason.IDLE, 4.1)]
            path.unlink()  # as another process of Claude Code does if this one was killed
            meter.catch_up()
            assert meter.waits() == []

    def test_another_process_with_the_same_id_is_another_one(self, machine: Machine) -> None:
        machine.write(prompt(0), stopped(4))
        with running_process() as process:
            self.write(machine, process.pid, 4.1, "idle", procStart="1")
            assert waiting(machine, 30) == []

    def test_a_process_that_resumes_a_session_replaces_one_that_was_killed(self, machine: Machine) -> None:
        machine.write(prompt(0), stopped(4))
        with running_process() as killed:
            self.write(machine, killed.pid, 50, "idle")
        with running_process() as process:
            self.write(machine, process.pid, 20, "idle")
            assert waiting(machine, 60) == [Waiting(WaitReason.IDLE, 20)]

    def test_a_process_elsewhere_counts_like_a_record(self, machine: Machine) -> None:
        machine.write(prompt(0), hooked_call(1, "a"), asked(1.1))
        path = self.write(machine, 4_000_000, 1.2, "waiting", pidDomain="linux:other:pid:[1]")
        assert waiting(machine, 30) == [PERMISSION._replace(since=1.2)]
        assert waiting(machine, 3602) == []
        path.unlink()
        assert waiting(machine, 30) == [PERMISSION]

    def test_what_is_no_regular_file_counts_as_missing(self, machine: Machine) -> None:
        machine.write(prompt(0), stopped(4))
        (machine.directory / "sessions" / "12.json").mkdir()
        os.mkfifo(machine.directory / "sessions" / "13.json")
        (machine.directory / "sessions" / "14.json").symlink_to("/dev/zero")
        assert waiting(machine, 30) == [Waiting(WaitReason.IDLE, 4)]

    @pytest.mark.parametrize("text", ["", "{", "[1]", '{"pid": 0, "sessionId": "a"}', '{"pid": "x"}', "[" * 10_000])
    def test_a_damaged_file_counts_as_missing(self, machine: Machine, text: str) -> None:
        machine.write(prompt(0), stopped(4))
        with running_process() as process:
            self.write(machine, process.pid, 5, "busy").write_text(text)
            assert waiting(machine, 30) == [Waiting(WaitReason.IDLE, 4)]
