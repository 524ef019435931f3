"""The events of sessions of the real Claude Code, and the command that resumes one."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from exporter.hooks_reader import HooksReader, SessionEvents
from exporter.ledger.reading import empty_ledger
from exporter.model.session_events import EventKind
from exporter.prices.table import load_prices
from exporter.reports.session_records import SessionSource
from exporter.views.requests import request_id
from exporter.views.resume import resume_command
from tests.e2e.workplace import MODEL, PATIENCE_SECONDS, Workplace

SESSION, FORK = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "9b2d7c54-1f0e-4c7b-8e1e-3d1f6f7a2b10"
ALLOWED = ("--allowedTools", "Bash", "Agent")


@pytest.fixture
def reader(workplace: Workplace) -> HooksReader:
    return HooksReader(workplace.sessions, transcript_roots=[workplace.projects])


def events_of(reader: HooksReader, session: str = SESSION) -> SessionEvents:
    found = reader.get_session_events(session)
    assert found
    return found


def numbers(reader: HooksReader, session: str = SESSION) -> Counter[EventKind]:
    return Counter(event.kind for event in events_of(reader, session).events)


def test_each_request_has_an_answer_of_the_agent_that_sent_it(workplace: Workplace, reader: HooksReader) -> None:
    workplace.run("family", "--session-id", SESSION, *ALLOWED)
    roots = (str(workplace.projects),)
    spent = SessionSource(reader, roots, load_prices(), ledger=empty_ledger()).requests(SESSION, 0)
    answers = {request_id(event.request): event for event in events_of(reader).events if event.request}
    itemized = {one["request"]: one["agent"] for one in spent if one["agent"] != "not_itemized"}
    assert {name: answers[name].agent for name in itemized} == itemized
    assert len({answers[name].agent_id for name in itemized}) == len(set(itemized.values())) > 1
    prompts = [event.detail for event in events_of(reader).events if event.kind is EventKind.PROMPT]
    assert prompts == ["person", "task_notification"]


def test_failed_requests_and_prompts_happen_once(workplace: Workplace, reader: HooksReader) -> None:
    workplace.run("overloaded", "--session-id", SESSION, *ALLOWED)
    workplace.run("quick", "--resume", SESSION, *ALLOWED)
    found = numbers(reader)
    assert (found[EventKind.API_ERROR], found[EventKind.PROMPT]) == (2, 2)


def test_a_fork_has_its_own_events_alone(workplace: Workplace, reader: HooksReader) -> None:
    workplace.run("cached", "--session-id", SESSION, *ALLOWED)
    workplace.run("quick", "--resume", SESSION, "--fork-session", "--session-id", FORK, *ALLOWED)
    assert [event.text for event in events_of(reader, FORK).events if event.kind is EventKind.PROMPT] == [
        "script:quick"
    ]
    assert [event.text for event in events_of(reader).events if event.kind is EventKind.PROMPT] == ["script:cached"]


def test_the_command_resumes_the_session_from_anywhere(workplace: Workplace, reader: HooksReader) -> None:
    workplace.run("cached", "--session-id", SESSION, *ALLOWED)
    command = resume_command(SESSION, *events_of(reader).started_in)
    path = f"{Path(workplace.cli).parent}:{workplace.environment['PATH']}"
    more = f"{command} -p script:quick --output-format json --model {MODEL} --allowedTools Bash"
    done = subprocess.run(
        ["/bin/sh", "-c", more], cwd="/", env=workplace.environment | {"PATH": path}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert json.loads(done.stdout)["session_id"] == SESSION
    assert numbers(reader)[EventKind.PROMPT] == 2
