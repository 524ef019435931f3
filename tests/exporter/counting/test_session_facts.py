"""What is known about a session: from two witnesses, and from two readers."""

from __future__ import annotations

import pytest

from exporter.counting.session_count import EndedCalls
from exporter.counting.session_facts import SessionFacts
from exporter.model.records import Outcome, Witness
from exporter.model.titles import TitleKind

HOOK, TRANSCRIPT = Witness.HOOK, Witness.TRANSCRIPT


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        ({}, []),
        ({HOOK: [9, 5]}, [5, 9]),
        ({TRANSCRIPT: [6], HOOK: [5]}, [5]),
        ({TRANSCRIPT: [6, 8], HOOK: [5]}, [6, 8]),
    ],
)
def test_prompts_are_those_of_the_witness_that_reports_most(
    prompts: dict[Witness, list[int]], expected: list[int]
) -> None:
    assert SessionFacts(prompts=prompts).prompts_us == expected


def test_a_title_given_by_people_takes_precedence() -> None:
    assert SessionFacts().title == ""
    titles = {TitleKind.SUMMARY: "c", TitleKind.GENERATED: "b"}
    assert SessionFacts(titles=titles).title == "b"
    assert SessionFacts(titles={**titles, TitleKind.CUSTOM: "a"}).title == "a"


def test_of_two_readers_the_one_that_has_read_more_counts() -> None:
    few, many = EndedCalls({("Bash", "main", Outcome.SUCCESS): 1}), EndedCalls({("Bash", "main", Outcome.SUCCESS): 2})
    ledger = SessionFacts(many, {HOOK: [1, 2], TRANSCRIPT: [1]}, {TitleKind.CUSTOM: "old"}, {"1"})
    files = SessionFacts(few, {TRANSCRIPT: [1, 3]}, {TitleKind.CUSTOM: "new"}, {"2"})
    expected = SessionFacts(many, {HOOK: [1, 2], TRANSCRIPT: [1, 3]}, {TitleKind.CUSTOM: "new"}, {"1", "2"})
    assert ledger.completed(files) == expected
