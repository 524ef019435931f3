"""Reads a session from the ledger, with its open calls, the open runs of its sub-agents and the keys it has counted."""

from __future__ import annotations

import sqlite3
from collections import Counter
from itertools import starmap

from exporter.counting.session_count import SessionCount
from exporter.ledger import queries
from exporter.ledger.rows import OpenCallRow, SessionRow
from exporter.ledger.run_rows import AgentRunRow
from exporter.ledger.seen_keys import MIN_KEYS, SeenCache, SeenKeys, StoredKeys
from exporter.ledger.seen_rows import small_rows
from exporter.model.waiting import AskedCall
from exporter.sources.asked_calls import asked_call
from exporter.sources.open_calls import OpenCall
from exporter.sources.pairing import Pairing


def load_session(connection: sqlite3.Connection, session_id: str, cache: SeenCache) -> SessionCount:
    """A session as it was counted so far; a new one if it never was."""
    row = connection.execute(queries.SELECT_SESSION, (session_id,)).fetchone()
    if row is None:
        return SessionCount.new(session_id)
    opened, found = _open_calls(connection, session_id), SessionRow(*row)
    seen, seen_rows = _seen_keys(connection, session_id, cache)
    pairing = Pairing(opened, seen, recent=found.recent_events())
    for run in starmap(AgentRunRow, connection.execute(queries.SELECT_RUNS, (session_id,))):
        pairing.runs.add(run.open_run())
    return SessionCount(
        found.session(),
        pairing,
        has_certain_project=True,  # as it was decided when the session was first counted
        had_open=bool(opened),
        had_runs=any(pairing.runs),
        seen_rows=seen_rows,
    )


def running_by_session(connection: sqlite3.Connection, query: str) -> dict[str, Counter[str]]:
    """What runs in each session, by tool or type of sub-agent."""
    found: dict[str, Counter[str]] = {}
    for session_id, name in connection.execute(query):
        found.setdefault(session_id, Counter())[name] += 1
    return found


def _seen_keys(connection: sqlite3.Connection, session_id: str, cache: SeenCache) -> tuple[set[str], int]:
    """The keys that a session has counted, and the number of the last, small rows of them."""
    stored = cache.find(session_id)
    if stored is None:
        texts = [keys for (keys,) in connection.execute(queries.SELECT_SEEN, (session_id,))]
        seen = {key for text in texts for key in text.split("\n")}
        if len(seen) < MIN_KEYS:
            return seen, small_rows(texts)
        stored = StoredKeys(seen, small_rows(texts))
        cache.keep(session_id, stored)
    return SeenKeys(stored), stored.small_rows


def _open_calls(connection: sqlite3.Connection, session_id: str) -> dict[str, OpenCall]:
    rows = connection.execute(queries.SELECT_OPEN_CALLS, (session_id,))
    return {row.key: row.open_call() for row in starmap(OpenCallRow, rows)}


def asked_by_session(connection: sqlite3.Connection) -> dict[str, AskedCall]:
    """The running call of each session that has waited for a person for the longest time."""
    running: dict[str, list[OpenCall]] = {}
    for row in starmap(OpenCallRow, connection.execute(queries.SELECT_RUNNING_CALLS)):
        running.setdefault(row.session_id, []).append(row.open_call())
    asked = {session_id: asked_call(calls) for session_id, calls in running.items()}
    return {session_id: call for session_id, call in asked.items() if call}
