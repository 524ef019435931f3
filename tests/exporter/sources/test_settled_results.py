"""Calls that are settled as soon as all transcripts of their session are read."""

from __future__ import annotations

from typing import Any

from exporter.model.records import HookRecord, Outcome, Phase, TaskEnd
from exporter.sources.pairing import Pairing
from tests.exporter.sources.test_agent_runs import SECOND, by_transcripts, call, event, notified

LATER_US = 10**9


def result(at: float, call_id: str, outcome: Outcome = Outcome.SUCCESS, **more: Any) -> HookRecord:
    return HookRecord(Phase.END, "", "s", round(at * SECOND), "", call_id, outcome=outcome, **more)


def settled(pairing: Pairing, before: float) -> list[tuple[str, str]]:
    """The tools and outcomes of the calls that are settled by their results."""
    pairing.settle_results(round(before * SECOND))
    return [(ended.tool, ended.outcome.value) for ended in pairing.calls]


def test_results_are_settled_when_they_are_old_enough() -> None:
    pairing = by_transcripts(
        call(1, "a", "Bash"), result(2, "a"), call(3, "b", "Read"), result(4, "b", Outcome.ERROR),
        call(5, "c", "Edit"), result(6, "c"),
    )  # fmt: skip
    assert settled(pairing, 5) == [("Bash", "success"), ("Read", "error")]
    assert [*pairing.open] == ["c"]
    pairing.calls.clear()
    pairing.settle(LATER_US)
    assert [ended.tool for ended in pairing.calls] == ["Edit"]


def test_calls_whose_ends_are_presumed_for_other_reasons_stay_open() -> None:
    pairing = by_transcripts(
        call(1, "a", "Bash"), event("UserPromptSubmit", 3),  # interrupted, as it seems
        call(4, "b", "Bash"), result(5, "b", background_command="b1"), notified(6, TaskEnd("b1", Outcome.SUCCESS)),
        call(7, "c", "Bash"), result(8, "c", Outcome.UNKNOWN),  # filled in by a later process
    )  # fmt: skip
    assert settled(pairing, 100) == []
    assert [*pairing.open] == ["a", "b", "c"]


def test_calls_of_sub_agents_stay_open_as_runs_that_they_wait_for_end_with_them() -> None:
    pairing = by_transcripts(call(1, "a", "Agent"), result(2, "a"))
    assert settled(pairing, 100) == []
    assert [*pairing.open] == ["a"]


def test_a_settled_call_is_not_opened_again_by_its_lines() -> None:
    lines = call(1, "a", "Bash"), result(2, "a")
    pairing = by_transcripts(*lines)
    assert settled(pairing, 5) == [("Bash", "success")]
    for line in lines:
        pairing.apply_transcript(line, 0)
    assert (pairing.open, len(pairing.calls)) == ({}, 1)
