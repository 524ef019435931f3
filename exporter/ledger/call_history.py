"""The calls of each hour in the ledger, by project, tool, agent and outcome, with their durations."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from exporter.counting.batch import Batch
from exporter.ledger import queries
from exporter.ledger.rows import Row
from exporter.model.records import ErrorCategory, Outcome
from exporter.model.text import label_value, path_text
from exporter.sources.call_hours import CallEnd, CallHours, CallKind, EndKind

Kind = tuple[str, str, str, str, str]  # project, tool, agent, outcome and error category, or an empty text


def write_call_hours(connection: sqlite3.Connection, batch: Batch) -> None:
    """Add the calls of a batch, within its transaction."""
    found: dict[Kind, list[CallEnd]] = defaultdict(list)
    for count in batch.sessions.values():
        for kind, ends in count.ends.items():
            found[_kind(count.session.project, kind)] += ends
    connection.executemany(queries.INSERT_CALL_KIND, found)
    ids = {kind: connection.execute(queries.SELECT_CALL_KIND, kind).fetchone()[0] for kind in found}
    connection.executemany(queries.ADD_CALL_HOUR, _rows(found, ids))


def read_call_hours(connection: sqlite3.Connection, since_hour: int, until_hour: int) -> CallHours:
    """The calls that ended in a range of hours, over all projects."""
    rows = connection.execute(queries.SELECT_CALL_HOURS, (since_hour, until_hour))
    return CallHours(
        {
            CallKind(hour, tool, agent, Outcome(outcome), ErrorCategory(category) if category else None, bucket): calls
            for hour, tool, agent, outcome, category, bucket, calls in rows
        }
    )


def _kind(project: str, kind: EndKind) -> Kind:
    return path_text(project), label_value(kind.tool), label_value(kind.agent), kind.outcome, kind.category or ""


def _rows(found: Mapping[Kind, list[CallEnd]], ids: Mapping[Kind, int]) -> Iterator[Row]:
    for kind, ends in found.items():
        for (hour, bucket), calls in Counter(ends).items():
            yield hour, ids[kind], bucket, calls
