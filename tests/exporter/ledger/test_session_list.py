"""The list of sessions in the ledger: exact at every moment, whatever order lines arrive in."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from exporter.ingest.meter import Meter
from exporter.ledger.opening import open_ledger
from exporter.ledger.store import Ledger
from exporter.model.listed_session import ListedRow
from exporter.model.records import NOT_ITEMIZED
from tests.exporter.ingest.generated_sessions import GENERATED_SESSIONS, GeneratedSession
from tests.exporter.ingest.witnesses import Machine, arrivals, hook, readings_in_any_order, said
from tests.exporter.ledger.older_ledger import turn_into, version_without
from tests.support.forks import BRANCH, FORK, MARKED, PARENT, RESUMED, write_as
from tests.support.transcript_lines import SESSION, SLUG, assistant_line, prompt_line, write

SESSIONS = (PARENT, RESUMED, FORK, MARKED, BRANCH)


def rows(ledger: Ledger) -> dict[str, ListedRow]:
    """The list, without the order of models and agents."""
    ids = [session.session_id for session in ledger.records.sessions_since(0)]
    return ledger.listed_rows(ids)


def recounted(ledger: Ledger) -> dict[str, ListedRow]:
    """The list as it follows from all that the ledger has of sessions and messages."""
    found = {}
    sessions = ledger.records.sessions_since(0)
    facts = ledger.records.facts([session.session_id for session in sessions])
    for session in sessions:
        messages = list(ledger.session_messages(session.session_id).values())
        costs = [message.cost.total for message in messages if message.cost]
        usages = [message.usage for message in messages]
        callers = {agent for _, agent, _ in facts[session.session_id].calls}
        agents = callers | {message.origin.agent for message in messages} - {NOT_ITEMIZED}
        row = rows(ledger)[session.session_id]
        assert set(json.loads(row.models)) == {message.origin.model for message in messages}
        assert agents <= set(json.loads(row.agents))
        found[session.session_id] = ListedRow(
            session.session_id, row.title, session.project, session.first_us, session.last_us, session.calls,
            facts[session.session_id].errors, session.open_calls, session.background_calls, session.running_agents,
            int(session.ended), session.hook_last_us, int(session.transcript_ended), session.transcript_last_us,
            row.models, row.agents, sum(usage.input for usage in usages), sum(usage.output for usage in usages),
            sum(usage.cache_read for usage in usages),
            sum(usage.cache_write_5m + usage.cache_write_1h for usage in usages), sum(costs) if costs else None,
        )  # fmt: skip
    return found


def list_of(machine: Machine) -> dict[str, ListedRow]:
    """The list after reading what is new, which is compared with a recount."""
    with machine.meter() as meter:
        meter.catch_up()
        found = rows(meter.ledger)
        assert found == recounted(meter.ledger)
        return found


@settings(max_examples=30, derandomize=True)
@given(GENERATED_SESSIONS)
def test_the_list_is_a_recount_after_every_reading_and_the_same_in_the_end(session: GeneratedSession) -> None:
    lines = [*session.lines, said(5, prompt_line("And now the tests", second=5))]
    readings_in_any_order(lines, arrivals(lines, session.lateness), session.reads, list_of)


@pytest.mark.parametrize("seed", range(4))
def test_messages_that_move_to_an_earlier_session_take_their_usage_along(tmp_path: Path, seed: int) -> None:
    for session in random.Random(seed).sample(SESSIONS, len(SESSIONS)):
        write_as(tmp_path / "projects", {session: session})
        with open_ledger(tmp_path / "data", 200) as ledger:
            Meter([], ledger, transcript_roots=[str(tmp_path / "projects")]).catch_up()
            assert rows(ledger) == recounted(ledger)


def title(tmp_path: Path, *texts: str) -> str:
    machine = Machine(tmp_path)
    machine.second = 60
    machine.write(*(said(second, text) for second, text in enumerate(texts)))
    return list_of(machine)[SESSION].title


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("Fix the login\nas soon as you can", "Fix the login"),
        ("\n  \n Fix it ", "Fix it"),
        ("deploy --password hunter2", "deploy --password [redacted]"),
        ("x" * 5000, "x" * 199 + "…"),
        ("<command-message>review</command-message>\n<command-name>/review</command-name>", "/review"),
    ],
    ids=["lines", "blanks", "secret", "long", "command"],
)
def test_a_session_without_a_title_is_called_after_its_first_prompt(tmp_path: Path, prompt: str, shown: str) -> None:
    found = title(tmp_path, prompt_line(prompt, second=1), prompt_line("another", second=2))
    assert found == shown


def test_a_title_of_claude_code_is_preferred_and_redacted(tmp_path: Path) -> None:
    named = f'{{"type":"ai-title","aiTitle":"Use token=ghp_{"a" * 36}","sessionId":"{SESSION}"}}\n'
    shown = title(tmp_path, prompt_line("Fix it", second=1), named)
    assert shown == "Use token=[redacted]"


def test_the_first_prompt_is_the_earliest_of_both_witnesses(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.second = 60
    machine.write(said(9, prompt_line("later", second=9)))
    assert list_of(machine)[SESSION].title == "later"
    machine.write(hook(3, "UserPromptSubmit", prompt="earlier"))
    assert list_of(machine)[SESSION].title == "earlier"


def test_a_ledger_of_an_older_version_lists_what_it_has(tmp_path: Path) -> None:
    write(tmp_path / "projects" / SLUG / f"{SESSION}.jsonl", prompt_line("Hello", second=1), assistant_line(1))
    with open_ledger(tmp_path / "data", 200) as ledger:
        Meter([], ledger, transcript_roots=[str(tmp_path / "projects")]).catch_up()
        before = rows(ledger)
    turn_into(tmp_path / "data", version_without("session_list"))
    with open_ledger(tmp_path / "data", 200) as ledger:
        (row,) = rows(ledger).values()
        assert row == replace(before[SESSION], title="")
