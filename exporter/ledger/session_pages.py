"""Pages of the list of sessions: filtered, sorted and cut out by SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec

from exporter.model.bounds import MAX_INTEGER
from exporter.model.listed_session import Listed, ListedRow
from exporter.model.sessions import ACTIVE_US, SILENT_US

COLUMNS = ListedRow.__struct_fields__
# The status of a session at the time :now; `model.sessions.status` has the rule.
STATUS = f"""CASE WHEN iif(hook_last_us, ended, transcript_ended) OR :now - last_us > {SILENT_US} THEN 'completed'
    WHEN open_calls > 0 OR running_agents > 0 OR :now - last_us <= {ACTIVE_US} THEN 'active' ELSE 'idle' END"""
# What a session cost; `ListedRow.amount` has the rule.
COST = "iif(cost IS NULL AND models = '[]' AND (transcript_last_us > 0 OR transcript_ended), 0, cost)"
Sort = Literal[
    "last_activity", "started", "title", "project", "model", "agent", "cost", "tokens", "calls", "failed", "duration",
    "status",
]  # fmt: skip
# What sessions can be sorted by. Of texts, upper and lower case are the same; what is unknown comes before all else.
SORTS: dict[Sort, str] = {
    "last_activity": "last_us",
    "started": "first_us",
    "title": "lower(title)",
    "project": "lower(label)",
    "model": "iif(models = '[]', '', lower(models))",
    "agent": "iif(agents = '[]', '', lower(agents))",
    "cost": f"ifnull({COST}, -1)",
    "tokens": "input + output + cache_read + cache_write",
    "calls": "calls + open_calls + background_calls",
    "failed": "failed",
    "duration": "last_us - first_us",
    "status": f"CASE {STATUS} WHEN 'active' THEN 2 WHEN 'idle' THEN 1 ELSE 0 END",
}
TEXT_SORTS: frozenset[Sort] = frozenset({"title", "project", "model", "agent"})  # which are ascending by default
# Each filter with the condition that it sets.
CONDITIONS = {
    "since_us": "last_us >= :since_us",
    "until_us": "first_us < :until_us",
    "project": "label LIKE :project ESCAPE '\\'",
    "model": "EXISTS (SELECT 1 FROM json_each(models) WHERE value LIKE :model ESCAPE '\\')",
    "agent": "EXISTS (SELECT 1 FROM json_each(agents) WHERE value LIKE :agent ESCAPE '\\')",
    "status": f"{STATUS} = :status",
    "failed": "(failed > 0) = :failed",
    "min_cost": f"{COST} >= :min_cost",
    "text": "folds(:text, title, label, session_id)",
    "ids": "session_id IN (SELECT value FROM json_each(:ids))",
}
CREATE_CHANGED = "CREATE TEMP TABLE changed AS SELECT *, '' AS label FROM session_list LIMIT 0"
INDEX_CHANGED = "CREATE UNIQUE INDEX temp.changed_by_id ON changed (session_id)"
INSERT_CHANGED = f"INSERT INTO changed VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"  # noqa: S608 - constants only
# A resumed session all of whose lines are copies of another's has no time of its own yet, and is not listed.
ALL = """
    SELECT session_list.*, ifnull(label, '') AS label FROM session_list LEFT JOIN projects ON path = project
        WHERE session_list.first_us > 0 AND session_id NOT IN (SELECT session_id FROM changed)
    UNION ALL SELECT * FROM changed"""
TOTALS = (
    "count(*), CAST(total(calls + open_calls + background_calls) AS INTEGER), CAST(total(failed) AS INTEGER),"
    " CAST(total(input + output + cache_read + cache_write) AS INTEGER),"
    f" CASE WHEN count({COST}) THEN CAST(total(cost) AS INTEGER) END, count(*) - count({COST}),"
    " CAST(total(unpriced_tokens) AS INTEGER)"
)
LIKE_SPECIAL = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_", "*": "%"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions are wanted: None is any. `ids` are those that may be seen.

    `project`, `model` and `agent` are names in which `*` is any text, `text` is part of a title, a project or an id.
    A session is of a range of time if any of its lines can be. `min_cost` is in picodollars.
    """

    since_us: int | None = None
    until_us: int | None = None
    project: str | None = None
    model: str | None = None
    agent: str | None = None
    status: str | None = None
    failed: bool | None = None
    min_cost: int | None = None
    text: str | None = None
    ids: Sequence[str] | None = None

    def condition(self) -> str:
        """The condition of the filter, whose values are `parameters`."""
        return " AND ".join(CONDITIONS[name] for name in CONDITIONS if getattr(self, name) is not None) or "true"

    def parameters(self) -> dict[str, object]:
        """The values of the filter, by name."""
        return {
            "since_us": self.since_us,
            "until_us": self.until_us,
            "project": _pattern(self.project),
            "model": _pattern(self.model),
            "agent": _pattern(self.agent),
            "status": self.status,
            "failed": self.failed,
            "min_cost": None if self.min_cost is None else min(self.min_cost, MAX_INTEGER),
            "text": self.text.casefold() if self.text else "",
            "ids": None if self.ids is None else json.dumps(list(self.ids)),
        }


class After(NamedTuple):
    """Where a page starts: after a session, and what that is sorted by."""

    key: int | str
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf:
    """Which page of sessions: how they are sorted, how many, and where the page starts. `sort` is one of SORTS."""

    sort: Sort = "last_activity"
    is_descending: bool = True
    limit: int = 200
    after: After | None = None


ALL_SESSIONS = PageOf(limit=1 << 31)


class SessionPage(NamedTuple):
    """The sessions of a page, and where the next one starts; None on the last page."""

    sessions: list[Listed]
    next: After | None


class SessionTotals(NamedTuple):
    """The sums over sessions; the cost is None if that of each is unknown. `unknown_costs` is the number of these.

    `unpriced_tokens` are those whose cost is not in it.
    """

    sessions: int
    calls: int
    failed: int
    tokens: int
    cost: int | None
    unknown_costs: int
    unpriced_tokens: int


class SessionNames(NamedTuple):
    """The projects, models and agents of sessions."""

    projects: list[str]
    models: list[str]
    agents: list[str]


class SessionPages:
    """Pages of the sessions in a ledger, some of which were `changed` since: these are read from memory."""

    def __init__(self, connection: sqlite3.Connection, changed: Iterable[Listed] = ()) -> None:
        self._connection = connection
        connection.create_function("folds", 4, _folds, deterministic=True)
        connection.execute(CREATE_CHANGED)
        connection.execute(INDEX_CHANGED)
        rows = ((*msgspec.structs.astuple(row), label) for row, label in changed)
        connection.executemany(INSERT_CHANGED, rows)

    def page(self, wanted: SessionFilter, page: PageOf, now_us: int) -> SessionPage:
        """A page of the sessions that a filter selects."""
        key, order = SORTS[page.sort], "DESC" if page.is_descending else "ASC"
        after = f"(sort_key, session_id) {'<' if page.is_descending else '>'} (:key, :session_id)"
        query = (
            f"SELECT * FROM (SELECT *, {key} AS sort_key FROM ({ALL}) WHERE {wanted.condition()})"  # noqa: S608 - likewise
            f" WHERE {after if page.after else 'true'}"
            f" ORDER BY sort_key {order}, session_id {order} LIMIT :limit"
        )
        place = page.after or After("", "")
        parameters = {"now": now_us, "limit": page.limit + 1, "key": place.key, "session_id": place.session_id}
        rows = self._connection.execute(query, wanted.parameters() | parameters).fetchall()
        shown = [Listed(ListedRow(*row[: len(COLUMNS)]), row[len(COLUMNS)]) for row in rows[: page.limit]]
        has_more = len(rows) > page.limit
        return SessionPage(shown, After(rows[page.limit - 1][-1], shown[-1].row.session_id) if has_more else None)

    def totals(self, wanted: SessionFilter, now_us: int) -> SessionTotals:
        """The sums over the sessions that a filter selects."""
        query = f"SELECT {TOTALS} FROM ({ALL}) WHERE {wanted.condition()}"  # noqa: S608 - likewise
        return SessionTotals(*self._connection.execute(query, wanted.parameters() | {"now": now_us}).fetchone())

    def names(self, wanted: SessionFilter, now_us: int) -> SessionNames:
        """The projects, models and agents of the sessions that a filter selects."""
        found = f"FROM ({ALL}) AS listed WHERE {wanted.condition()}"
        parameters = wanted.parameters() | {"now": now_us}
        queries = (
            f"SELECT DISTINCT label {found} AND label > '' ORDER BY lower(label)",
            f"SELECT DISTINCT value FROM (SELECT DISTINCT models {found}), json_each(models) ORDER BY 1",  # noqa: S608 - likewise
            f"SELECT DISTINCT value FROM (SELECT DISTINCT agents {found}), json_each(agents) ORDER BY 1",  # noqa: S608 - likewise
        )
        return SessionNames(*([text for (text,) in self._connection.execute(one, parameters)] for one in queries))


def _folds(part: str, title: str, label: str, session_id: str) -> bool:
    return part in title.casefold() or part in label.casefold() or part in session_id.casefold()


def _pattern(name: str | None) -> str | None:
    """The pattern of LIKE for a name in which `*` is any text."""
    return None if name is None else name.translate(LIKE_SPECIAL)
