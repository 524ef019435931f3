"""What calls changed in code in the ledger: in each hour by project and language, and in each session."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from exporter.counting.batch import Batch
from exporter.ledger import queries
from exporter.model.bounds import bounded
from exporter.model.text import path_text
from exporter.sources.code_changes import CodeHour, Measure


class ProjectCode(NamedTuple):
    """A number of a project in an hour; the project is its path, empty if unknown."""

    project: str
    kind: CodeHour
    number: int


def write_code_hours(connection: sqlite3.Connection, batch: Batch) -> None:
    """Add the changes of a batch, by hour and by session, within its transaction."""
    found: Counter[tuple[str, CodeHour]] = Counter()
    for count in batch.sessions.values():
        for kind, number in count.code.items():
            found[path_text(count.session.project), kind] += number
    rows = (
        (kind.hour, project, kind.language, kind.measure, bounded(number)) for (project, kind), number in found.items()
    )
    connection.executemany(queries.ADD_CODE_HOUR, rows)
    of_sessions = (
        (session_id, measure, bounded(number))
        for session_id, count in batch.sessions.items()
        for measure, number in count.changes.items()
    )
    connection.executemany(queries.ADD_SESSION_CODE, of_sessions)


def read_code_hours(connection: sqlite3.Connection, since_hour: int, until_hour: int) -> Iterator[ProjectCode]:
    """The changes in a range of hours."""
    for hour, project, language, measure, number in connection.execute(
        queries.SELECT_CODE_HOURS, (since_hour, until_hour)
    ):
        yield ProjectCode(project, CodeHour(hour, language, Measure(measure)), number)
