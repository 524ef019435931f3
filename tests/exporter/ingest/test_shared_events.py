"""Prompts and compactions, which hooks and transcripts report without a common id: each counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporter.counting.catalog import AUTOMATIC_PROMPTS, COMPACTIONS, PROMPTS
from exporter.counting.totals import Key
from tests.exporter.ingest.witnesses import Machine, Written, hook, hooked_call, hooked_end, said
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, compaction_line, prompt_line, queued_line

NOTIFICATION = "<task-notification>\n<task-id>b1</task-id>\n<status>completed</status>\n</task-notification>"
CRON = {"id": "1", "schedule": "* * * * *", "recurring": True, "prompt": "check the deploy"}
PERSON: Key = (PROMPTS.name, ())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def counted(machine: Machine) -> dict[str, int]:
    """The prompts by source, and the compactions by trigger."""
    names = {PROMPTS.name: "person", AUTOMATIC_PROMPTS.name: "", COMPACTIONS.name: "compaction "}
    return {
        names[name] + "".join(map(str, labels)): value
        for (name, labels), (value, *_) in machine.totals().items()
        if name in names
    }


def prompted(second: float, text: str = "go", **fields: object) -> tuple[Written, Written]:
    """A prompt as both witnesses report it."""
    return hook(second, "UserPromptSubmit", prompt=text), said(second, prompt_line(text, second=second, **fields))


def test_a_prompt_that_both_witnesses_report_counts_once_whichever_is_read_first(machine: Machine) -> None:
    (early, told_early), (late, told_late) = prompted(1), prompted(5)
    machine.write(early)
    assert counted(machine) == {"person": 1}
    machine.write(told_early, told_late)
    assert counted(machine) == {"person": 2}
    machine.write(late)
    assert counted(machine) == {"person": 2}


@pytest.mark.parametrize("witness", [0, 1])
def test_one_witness_is_enough(machine: Machine, witness: int) -> None:
    machine.write(*(prompted(second)[witness] for second in (1, 5, 9)))
    assert counted(machine) == {"person": 3}


def test_a_prompt_of_a_running_turn_counts_and_ends_no_call(machine: Machine) -> None:
    same_turn = {"prompt_id": "p1"}
    machine.write(
        hook(1, "UserPromptSubmit", prompt="make", **same_turn), said(1, prompt_line("make", second=1)),
        hook(2, "PreToolUse", tool_name="Bash", tool_use_id="a", tool_input={"command": "a"}, **same_turn),
        hook(3, "UserPromptSubmit", prompt="and lint", **same_turn), said(3, queued_line("and lint", second=3)),
    )  # fmt: skip
    machine.second = 500
    assert counted(machine) == {"person": 2}
    machine.write(hooked_end(501, "a", 499))
    assert machine.calls() == {"success": 1}


def test_notifications_and_scheduled_prompts_are_counted_apart(machine: Machine) -> None:
    machine.write(
        *prompted(1), *prompted(3, NOTIFICATION, turnOrigin="task_notification"),
        hook(4, "UserPromptSubmit", prompt=NOTIFICATION), said(4, queued_line(NOTIFICATION, second=4)),
        hook(5, "Stop", session_crons=[CRON]),
        *prompted(65, "check the deploy", turnOrigin="scheduled", isMeta=True),
        *prompted(125, "check the deploy", turnOrigin="scheduled", isMeta=True),
    )  # fmt: skip
    assert counted(machine) == {"person": 1, "task_notification": 2, "schedule": 2}


def test_hooks_alone_know_scheduled_prompts_after_a_restart(machine: Machine) -> None:
    machine.write(hook(1, "UserPromptSubmit", prompt="watch it"), hook(5, "Stop", session_crons=[CRON]))
    counted(machine)
    machine.write(hook(65, "UserPromptSubmit", prompt="check the deploy"))
    assert counted(machine) == {"person": 1, "schedule": 1}


def test_a_compaction_that_both_witnesses_report_counts_once(machine: Machine) -> None:
    machine.write(hook(1, "PreCompact", trigger="auto"), said(2, compaction_line("auto", second=2)))
    machine.write(hook(3, "PreCompact", trigger="manual"), hook(5, "PreCompact", trigger="manual"))
    machine.write(said(5, compaction_line("manual", second=5)))
    assert counted(machine) == {"compaction auto": 1, "compaction manual": 2}


def test_a_compaction_that_is_left_for_later_counts_once(machine: Machine) -> None:
    machine.write(hook(0, "SessionStart", source="startup"), hook(1, "PreCompact", trigger="auto"))
    assert counted(machine) == {"compaction auto": 1}
    machine.write(hook(2, "PreCompact", trigger="auto"), hook(3, "SessionStart", source="compact"))
    machine.write(said(3, compaction_line("auto", second=3)))
    assert counted(machine) == {"compaction auto": 1}
    machine.write(hook(5, "PreCompact", trigger="auto"), hook(6, "SessionStart", source="compact"))
    assert counted(machine) == {"compaction auto": 2}


def test_sub_agents_compact_independently(machine: Machine) -> None:
    agents = [{"agent_id": name, "agent_type": "Explore"} for name in "ab"]
    machine.write(
        hook(0, "SessionStart", source="startup"),
        *(hook(1, "PreCompact", trigger="auto", **agent) for agent in agents),
        *(hook(2, "SessionStart", source="compact", **agent) for agent in agents),
    )
    assert counted(machine) == {"compaction auto": 2}


def test_lines_that_are_read_again_count_once(machine: Machine) -> None:
    lines = [prompt_line("go", second=1), compaction_line("auto", second=2), prompt_line("on", second=3)]
    machine.write(*(said(0, line) for line in lines))
    counted(machine)
    (machine.directory / f"projects/{SLUG}/{SESSION}.jsonl").write_text("".join(reversed(lines)))
    assert counted(machine) == {"person": 2, "compaction auto": 1}


@pytest.mark.parametrize("fork_first", [True, False])
def test_a_fork_does_not_repeat_the_prompts_of_its_parent(machine: Machine, *, fork_first: bool) -> None:
    parent = [prompt_line("go", second=1), assistant_line(1, second=2)]
    copies = [line.replace(SESSION, "fork") for line in parent]
    copies[1] = assistant_line(1, second=2, sessionId="fork", requestSessionId=SESSION)
    fork = [*copies, prompt_line("other way", second=60, sessionId="fork")]
    parts = [
        [said(0, line) for line in parent],
        [Written(0, f"projects/{SLUG}/fork.jsonl", line) for line in fork]
        + [Written(0, "sessions/fork/events.jsonl", hook(60, "UserPromptSubmit").text.replace(SESSION, "fork"))],
    ]
    for part in reversed(parts) if fork_first else parts:
        machine.write(*part)
        counted(machine)
    assert counted(machine) == {"person": 2}


def test_a_call_that_started_before_a_queued_prompt_is_still_in_flight_a_minute_later(machine: Machine) -> None:
    call = hooked_call(1, "a")
    machine.write(call._replace(text=call.text.replace("{", '{"prompt_id":"p1",', 1)))
    machine.write(hook(2, "UserPromptSubmit", prompt="faster", prompt_id="p1"))
    machine.second = 200
    assert machine.calls() == {}
    with machine.meter() as meter:
        assert [dict(tools) for tools in meter.running_tools()] == [{"Bash": 1}]
