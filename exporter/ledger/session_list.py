"""The rows of `session_list`: all that a list of sessions shows and sorts by, one row a session.

Each transaction derives the rows of its sessions anew, from all other tables, so that they are exact.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import msgspec

from exporter.counting.batch import Batch
from exporter.counting.session_usage import SessionUsage
from exporter.ledger import queries
from exporter.ledger.rows import Row
from exporter.ledger.schema_functions import title_line
from exporter.model.bounds import bounded


def write_session_list(connection: sqlite3.Connection, batch: Batch) -> None:
    """Add what sessions used and their first prompts, and derive the rows of all sessions of a batch."""
    connection.executemany(queries.ADD_USAGE, _usage(batch))
    connection.executemany(queries.KEEP_FIRST_PROMPT, _first_prompts(batch))
    changed = {
        *batch.sessions,
        *(session for session, _ in batch.titles),
        *(by.session for by in batch.spending.used),
    }
    if changed:
        connection.execute(f"{queries.LIST_SESSIONS} {queries.OF_SESSIONS}", (json.dumps(sorted(changed)),))


def _usage(batch: Batch) -> Iterator[Row]:
    for by, used in batch.spending.used.items():
        if used != NOTHING:
            yield by.session, by.model, by.agent, *map(bounded, msgspec.structs.astuple(used))


def _first_prompts(batch: Batch) -> Iterator[Row]:
    for session_id, count in batch.sessions.items():
        if count.first_prompt:
            time_us, line = count.first_prompt
            yield session_id, time_us, title_line(line)


NOTHING = SessionUsage()
