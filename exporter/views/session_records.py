"""All that is known of a session as a JSON object, also if its files are deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

from exporter.counting.session_facts import SessionFacts
from exporter.model.clock import iso
from exporter.model.text import encodable
from exporter.views.code_numbers import CodeNumbers, code_numbers
from exporter.views.session_list import ListedSession


class CallNumber(TypedDict):
    """How many calls of a tool by an agent ended in one way."""

    tool: str
    agent: str
    outcome: str
    calls: int


class SessionRecord(ListedSession):
    """A session with the times of its prompts, and where it was; empty is what is unknown.

    `files` is false if all of its logs and transcripts are deleted: then only the ledger remembers it. `config_dirs`
    are Claude Code's directories of the profiles that it was in. `calls` may miss some that an older version counted;
    what calls changed in code (`code`) is null then.
    """

    prompts: list[str]
    branches: list[str]
    versions: list[str]
    config_dirs: list[str]
    calls: list[CallNumber]
    code: CodeNumbers | None
    files: bool


def session_record(
    session: ListedSession,
    facts: SessionFacts,
    branches: Collection[str],
    config_dirs: Collection[str],
    *,
    files: bool,
) -> SessionRecord:
    """The JSON object of a session."""
    return {
        **session,
        "prompts": [iso(time_us) for time_us in facts.prompts_us],
        "branches": sorted(map(encodable, branches)),
        "versions": sorted(map(encodable, facts.versions)),
        "config_dirs": sorted(map(encodable, config_dirs)),
        "calls": [
            {"tool": encodable(tool), "agent": encodable(agent), "outcome": outcome.value, "calls": calls}
            for (tool, agent, outcome), calls in sorted(facts.calls.items(), key=lambda one: (-one[1], one[0]))
        ],
        "code": None if facts.code is None else code_numbers(facts.code),
        "files": files,
    }
