"""What the ledger remembers of sessions besides their counts, also after all of their files have been deleted."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import starmap
from typing import Any

from exporter.counting.batch import Batch
from exporter.counting.session_count import EndedCalls
from exporter.counting.session_facts import SessionFacts
from exporter.ledger import queries
from exporter.ledger.failures import reads
from exporter.ledger.rows import OpenCallRow, Row, SessionRow
from exporter.model.records import Outcome, Witness
from exporter.model.sessions import Session
from exporter.model.titles import TitleKind, Titles
from exporter.sources.code_changes import Measure
from exporter.sources.session_transcripts import config_dirs

LAST_CHARACTER = chr(0x10FFFF)
Write = Callable[[str, Iterable[Row]], None]


def write_session_facts(batch: Batch, write: Write) -> None:
    """Add what a batch has on sessions, within its transaction."""
    write(queries.ADD_CALLS, _calls(batch))
    write(queries.INSERT_PROMPT, _prompts(batch))
    write(queries.UPSERT_TITLE, ((session, kind, title) for (session, kind), title in batch.titles.items()))
    write(queries.INSERT_VERSION, batch.versions)


class SessionRecords:
    """Reads sessions of any age from a ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._read = connection.execute

    @reads
    def sessions_since(self, since_us: int) -> list[Session]:
        """The sessions with a line since a time."""
        return self._sessions(self._read(queries.SELECT_SESSIONS_SINCE, (since_us,)))

    @reads
    def sessions_starting_with(self, start: str) -> list[Session]:
        """The sessions whose ids start with a text."""
        return self._sessions(self._read(queries.SELECT_SESSIONS_BY_START, (start, LAST_CHARACTER)))

    @reads
    def facts(self, session_ids: Collection[str]) -> dict[str, SessionFacts]:
        """What is remembered of some sessions, by id."""
        presumed = self._presumed_calls()
        facts = {session_id: SessionFacts(presumed[session_id]) for session_id in session_ids}
        ids = (json.dumps(list(session_ids)),)
        for session_id, tool, agent, outcome, calls in self._read(queries.SELECT_CALLS, ids):
            facts[session_id].calls[tool, agent, Outcome(outcome)] += calls
        for session_id, witness, time_us in self._read(queries.SELECT_PROMPTS, ids):
            facts[session_id].prompts.setdefault(Witness(witness), []).append(time_us)
        for (session_id, kind), title in self.titles(session_ids).items():
            facts[session_id].titles[kind] = title
        for session_id, time_us, line in self._read(queries.SELECT_FIRST_PROMPTS, ids):
            facts[session_id].first_prompt = time_us, line
        for session_id, version in self._read(queries.SELECT_VERSIONS, ids):
            facts[session_id].versions.add(version)
        for session_id, code in self._code(ids).items():
            facts[session_id].code = code
        return facts

    @reads
    def titles(self, session_ids: Collection[str]) -> Titles:
        """The titles of some sessions."""
        rows = self._read(queries.SELECT_TITLES, (json.dumps(list(session_ids)),))
        return {(session_id, TitleKind(kind)): title for session_id, kind, title in rows}

    def _code(self, ids: tuple[str]) -> Mapping[str, Counter[Measure]]:
        """What calls of some sessions changed in code, where all of it is known, by id."""
        found = {row[0]: Counter[Measure]() for row in self._read(queries.SELECT_SESSIONS_WITH_CODE, ids)}
        for session_id, measure, number in self._read(queries.SELECT_SESSION_CODE, ids):
            if session_id in found:
                found[session_id][Measure(measure)] = number
        return found

    @reads
    def branches(self, session_ids: Collection[str]) -> Mapping[str, set[str]]:
        """The git branches of some sessions, by id."""
        found: dict[str, set[str]] = defaultdict(set)
        for session_id, branch in self._read(queries.SELECT_BRANCHES, (json.dumps(list(session_ids)),)):
            found[session_id].add(branch)
        return found

    @reads
    def config_dirs(self) -> Mapping[str, set[str]]:
        """Claude Code's directories with transcripts that were ever read, by session."""
        names = self._read(queries.SELECT_FILE_NAMES)
        return config_dirs(f"{directory}{os.sep}{name}" for directory, name in names if isinstance(name, str))

    def _sessions(self, rows: Iterable[tuple[Any, ...]]) -> list[Session]:
        sessions, presumed = [row.session() for row in starmap(SessionRow, rows)], self._presumed_calls()
        for session in sessions:
            session.calls += presumed[session.session_id].total()
        return sessions

    def _presumed_calls(self) -> Mapping[str, EndedCalls]:
        """The calls that have presumably ended in the last minute, as they will be counted, by session."""
        found: dict[str, EndedCalls] = defaultdict(EndedCalls)
        for row in starmap(OpenCallRow, self._read(queries.SELECT_PRESUMED_CALLS)):
            opened = row.open_call()
            if opened.end:
                call = opened.as_presumed(opened.end)
                found[row.session_id][call.tool, call.agent, call.outcome] += 1
        return found


def _calls(batch: Batch) -> Iterator[Row]:
    for session_id, count in batch.sessions.items():
        for (tool, agent, outcome), calls in count.ended.items():
            yield session_id, tool, agent, outcome, calls


def _prompts(batch: Batch) -> Iterator[Row]:
    for session_id, count in batch.sessions.items():
        for witness, times_us in count.prompts.items():
            yield from ((session_id, witness, time_us) for time_us in times_us)
