"""Finds documents of the search index, the most relevant and most recent ones first."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from exporter.model.bounds import MAX_INTEGER
from exporter.search.documents import Kind
from exporter.search.index_file import READ_SECONDS, SearchIndexError
from exporter.search.words import Words
from exporter.search.writer import COMPLETE, UPDATED

MAX_RANKED = 2_000  # of more matches, the newest are ranked
HALF_LIFE_DAYS = 30.0  # after which a document counts half of what it may lose with its age
MIN_WEIGHT = 0.25
# What people remember a session by counts more than what is in every session.
KIND_WEIGHTS = {Kind.PROMPT: 2.0, Kind.ANSWER: 1.2, Kind.ERROR: 1.2, Kind.COMMAND: 1.0, Kind.PATH: 0.7}
NEXT_OF_SESSION = 0.85  # what a further text of the same session counts, so that several sessions are shown
DAY_MS = 86_400_000
EXCERPT_WORDS = 40
MAX_EXCERPT = 400
START, END = "\x02", "\x03"  # documents have no control characters
CHECK_INTERVAL = 10_000  # virtual machine instructions
CONDITIONS = """
    documents.id >= :since AND documents.id < :until
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:tools IS NULL OR lower(tool) IN (SELECT value FROM json_each(:tools)))
    AND (:sessions IS NULL OR session IN (SELECT value FROM json_each(:sessions)))
"""
SELECT_NEWEST = f"SELECT id FROM documents WHERE {CONDITIONS} ORDER BY id DESC LIMIT {MAX_RANKED}"  # noqa: S608 - constants
# CROSS JOIN keeps SQLite from starting with the documents, whose texts it would compare one by one.
SELECT_MATCHING = f"""
    SELECT documents.id, session, kind, bm25(texts) FROM texts CROSS JOIN documents ON documents.id = texts.rowid
    WHERE texts MATCH :match AND {CONDITIONS} ORDER BY texts.rowid DESC LIMIT {MAX_RANKED}
"""  # noqa: S608 - likewise
# The ids of documents grow with their times.
FIRST_PROMPT = f"""
    SELECT substr(text, 1, {MAX_EXCERPT}) FROM documents AS others
    WHERE others.session = documents.session AND kind = {Kind.PROMPT.value} ORDER BY id LIMIT 1
"""  # noqa: S608 - likewise
SELECT_DOCUMENTS = f"""
    SELECT documents.id, sessions.session, project, coalesce(nullif(title, ''), ({FIRST_PROMPT}), ''), kind, tool,
        agent, time_us, text
    FROM documents JOIN sessions ON sessions.id = documents.session
    WHERE documents.id IN (SELECT value FROM json_each(?))
"""  # noqa: S608 - likewise
SELECT_EXCERPT = "SELECT snippet(texts, 0, ?, ?, '…', ?) FROM texts WHERE texts MATCH ? AND rowid = ?"
TOO_LONG = "The search takes too long; add a word or a filter."


class Excerpt(NamedTuple):
    """A piece of a text, and whether it is one of the words that were searched for."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found; `project` is a path, `title` the session's, or else the start of its first prompt."""

    session: str
    project: str
    title: str
    kind: Kind
    tool: str
    agent: str
    time_us: int
    text: str
    excerpt: tuple[Excerpt, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits; `total` counts at most MAX_RANKED. An index that is not `complete` is still being built.

    `updated_us` is when it was last brought up to date, 0 if never.
    """

    hits: tuple[Hit, ...]
    total: int
    complete: bool
    updated_us: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: `projects` are paths, `sessions` the only ones that may be seen; None means all."""

    words: Words
    projects: Collection[str] | None = None
    sessions: Collection[str] | None = None
    since_us: int = 0
    until_us: int | None = None
    limit: int = 20
    offset: int = 0


def projects(connection: sqlite3.Connection) -> list[str]:
    """The paths of all projects in the index."""
    return [path for (path,) in connection.execute("SELECT DISTINCT project FROM sessions")]


def search(connection: sqlite3.Connection, wanted: Wanted, now_us: int) -> Hits:
    """A page of what is found. Raises SearchIndexError if it takes too long, sqlite3.Error."""
    deadline = time.monotonic() + READ_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, CHECK_INTERVAL)
    try:
        connection.execute("BEGIN")
        ranked = _ranked(connection, wanted, now_us)
        page = ranked[wanted.offset : wanted.offset + wanted.limit]
        facts = dict(connection.execute("SELECT name, value FROM facts"))
        hits = tuple(_hits(connection, wanted.words.match, page))
        return Hits(hits, len(ranked), bool(facts.get(COMPLETE)), facts.get(UPDATED, 0))
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise SearchIndexError(TOO_LONG) from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _ranked(connection: sqlite3.Connection, wanted: Wanted, now_us: int) -> list[int]:
    """The ids of the documents, best first."""
    parameters = _parameters(connection, wanted)
    if not wanted.words.match:
        return [number for (number,) in connection.execute(SELECT_NEWEST, parameters)]
    now_ms = now_us // 1000
    scored = [  # a better one is smaller
        (relevance * KIND_WEIGHTS[Kind(kind)] * _weight(now_ms - number), -number, session)
        for number, session, kind, relevance in connection.execute(SELECT_MATCHING, parameters)
    ]
    earlier: Counter[int] = Counter()
    spread = []
    for score, number, session in sorted(scored):
        spread.append((score * NEXT_OF_SESSION ** earlier[session], number))
        earlier[session] += 1
    return [-number for _, number in sorted(spread)]


def _weight(age_ms: int) -> float:
    """What the relevance of a document is multiplied by."""
    half_lives = max(age_ms, 0) / DAY_MS / HALF_LIFE_DAYS
    return MIN_WEIGHT + (1 - MIN_WEIGHT) * math.exp2(-half_lives)


def _parameters(connection: sqlite3.Connection, wanted: Wanted) -> dict[str, Any]:
    words = wanted.words
    has_sessions = wanted.sessions is not None or wanted.projects is not None or words.sessions
    return {
        "match": words.match,
        "since": wanted.since_us // 1000,
        "until": MAX_INTEGER if wanted.until_us is None else wanted.until_us // 1000,
        "kinds": _json_or_none([int(kind) for kind in words.kinds]),
        "tools": _json_or_none([tool.lower() for tool in words.tools]),
        "sessions": json.dumps(_session_ids(connection, wanted)) if has_sessions else None,
    }


def _json_or_none(values: list[Any]) -> str | None:
    return json.dumps(values) if values else None


def _session_ids(connection: sqlite3.Connection, wanted: Wanted) -> list[int]:
    """The ids in the index of the sessions that are wanted and may be seen."""
    found = []
    for number, session, project in connection.execute("SELECT id, session, project FROM sessions"):
        is_named = not wanted.words.sessions or session.startswith(wanted.words.sessions)
        is_visible = wanted.sessions is None or session in wanted.sessions
        if is_named and is_visible and (wanted.projects is None or project in wanted.projects):
            found.append(number)
    return found


def _hits(connection: sqlite3.Connection, match: str, page: list[int]) -> Iterable[Hit]:
    """The documents with these ids, in this order."""
    excerpts = _excerpts(connection, match, page)
    rows = connection.execute(SELECT_DOCUMENTS, (json.dumps(page),))
    found = {number: row for number, *row in rows}
    for number in page:
        session, project, title, kind, tool, agent, time_us, text = found[number]
        excerpt = excerpts.get(number) or (Excerpt(text[:MAX_EXCERPT], False),)
        yield Hit(session, project, title, Kind(kind), tool, agent, time_us, text, excerpt)


def _excerpts(connection: sqlite3.Connection, match: str, page: list[int]) -> dict[int, tuple[Excerpt, ...]]:
    """The part of each document where most of the words are."""
    if not match:
        return {}
    found = {}
    for number in page:
        row = connection.execute(SELECT_EXCERPT, (START, END, EXCERPT_WORDS, match, number)).fetchone()
        found[number] = tuple(_pieces(row[0])) if row else ()
    return found


def _pieces(marked: str) -> Iterable[Excerpt]:
    """The pieces of a text in which matches are between START and END."""
    before, *parts = marked.split(START)
    pieces = [Excerpt(before, False)]
    for part in parts:
        match, _, after = part.partition(END)
        pieces += [Excerpt(match, True), Excerpt(after, False)]
    return [piece for piece in pieces if piece.text]
