"""Sessions as they are now: rows of the list in the ledger, completed by what its exporter has not read yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from exporter.counting.session_usage import SessionUsage, UsedBy
from exporter.ingest.recent_sessions import CountedSession
from exporter.ledger.reader import LedgerReader
from exporter.ledger.schema_functions import title_line
from exporter.model.listed_session import Listed, ListedRow
from exporter.model.records import MAIN_AGENT, NOT_ITEMIZED
from exporter.model.sessions import Session
from exporter.model.titles import Titles

UsedBySession = Mapping[str, Mapping[UsedBy, SessionUsage]]


class Unread(NamedTuple):
    """What sessions have of which files have something that the ledger may lack: counts, titles, and all usage.

    It is that of the ledger and of the files together, and so stays true whatever the ledger reads of it meanwhile.
    """

    counted: Mapping[str, CountedSession]
    titles: Mapping[str, str]
    used: UsedBySession
    labels: Mapping[str, str]

    @property
    def session_ids(self) -> set[str]:
        """The sessions of all of them."""
        return {*self.counted, *self.titles, *self.used}


def changed_sessions(ledger: LedgerReader, unread: Unread) -> Iterator[Listed]:
    """The sessions of which something is unread, as they are with it."""
    ids = sorted(unread.session_ids)
    known, titles, usage = ledger.listed_rows(ids), unread.titles, unread.used
    for session_id in ids:
        before, counted = known.get(session_id), unread.counted.get(session_id)
        if before is None and counted is None:
            continue  # spending alone does not tell when it was
        row = before or ListedRow(session_id)
        row = _counted(row, counted, is_known=before is not None) if counted else row
        row = _used(row, usage[session_id]) if session_id in usage else row
        row = replace(row, title=title_line(titles[session_id])) if session_id in titles else row
        if row != before:
            yield Listed(row, unread.labels.get(row.project, ""))


def shown_titles(ledger: LedgerReader, unread: Titles) -> dict[str, str]:
    """The title that is shown of each session of which one is unread."""
    titles = ledger.records.titles({session for session, _ in unread}) | unread
    return {session: titles[session, kind] for session, kind in sorted(titles, reverse=True)}  # the first kind is last


def _counted(row: ListedRow, counted: CountedSession, *, is_known: bool) -> ListedRow:
    """A row with what files have of a session; either may have more of it."""
    session = counted.session.completed(row.session) if is_known else counted.session
    callers = {agent for _, agent, _ in counted.facts.calls}
    return replace(
        row,
        title=row.title or title_line(counted.facts.title),
        failed=max(row.failed, counted.errors),
        agents=_agents(callers.union(json.loads(row.agents))),
        **_columns(session),
    )


def _columns(session: Session) -> dict[str, int | str]:
    """The columns of a session, but for its id."""
    return {
        "project": session.project,
        "first_us": session.first_us,
        "last_us": session.last_us,
        "calls": session.calls,
        "open_calls": session.open_calls,
        "background_calls": session.background_calls,
        "running_agents": session.running_agents,
        "ended": int(session.ended),
        "hook_last_us": session.hook_last_us,
        "transcript_ended": int(session.transcript_ended),
        "transcript_last_us": session.transcript_last_us,
    }


def usage_by_session(
    ledger: LedgerReader, used: Mapping[UsedBy, SessionUsage]
) -> dict[str, dict[UsedBy, SessionUsage]]:
    """What sessions used, in the ledger and beyond, by session."""
    found: dict[str, dict[UsedBy, SessionUsage]] = {}
    for by, usage in (*ledger.usage_of({by.session for by in used}).items(), *used.items()):
        of_session = found.setdefault(by.session, {})
        of_session[by] = usage.plus(of_session[by]) if by in of_session else usage
    return found


def _used(row: ListedRow, usage: Mapping[UsedBy, SessionUsage]) -> ListedRow:
    """A row with all that a session used."""
    of_all = {by: one for by, one in usage.items() if one.messages > 0}
    whole = sum_of(of_all.values())
    by_model = {by.model: sum_of(one for other, one in of_all.items() if other.model == by.model) for by in of_all}
    models = sorted(by_model, key=lambda model: (-by_model[model].cost, -by_model[model].output, model))
    agents = {by.agent for by in of_all} - {NOT_ITEMIZED}
    return replace(
        row,
        models=_array(models),
        agents=_agents(agents.union(json.loads(row.agents))),
        input=whole.input,
        output=whole.output,
        cache_read=whole.cache_read,
        cache_write=whole.cache_write,
        cost=whole.cost if whole.priced else None,
        unpriced_tokens=whole.unpriced_tokens,
    )


def sum_of(usages: Iterable[SessionUsage]) -> SessionUsage:
    """The sums of all."""
    total = SessionUsage()
    for usage in usages:
        total = total.plus(usage)
    return total


def _agents(agents: Iterable[str]) -> str:
    return _array(sorted(agents, key=lambda agent: (agent != MAIN_AGENT, agent)))


def _array(texts: Iterable[str]) -> str:
    """A JSON array as SQLite writes it."""
    return json.dumps(list(texts), separators=(",", ":"), ensure_ascii=False)
