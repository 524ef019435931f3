"""What is found as JSON objects, with secrets redacted once more, by the rules of today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypedDict

from exporter.counting.project_names import new_labels
from exporter.ledger.failures import LedgerError
from exporter.ledger.schema_functions import title_line
from exporter.ledger.spending_reader import read_spending
from exporter.model.clock import iso, iso_or_none, now_us
from exporter.search.index_file import readable_index
from exporter.search.searching import MAX_EXCERPT, MAX_RANKED, Excerpt, Hit, Wanted, projects, search
from exporter.search.words import parse_words
from exporter.views.redaction import redact_text


class ExcerptPiece(TypedDict):
    """A piece of a text, and whether it matches a word that was searched for."""

    text: str
    match: bool


class SearchResult(TypedDict):
    """A text that was found, as the pieces of an excerpt. `kind` is prompt, command, path, error or answer.

    `at` is the time of the text; of an error, the start of the call that failed, if that is known.
    """

    session_uuid: str
    project: str
    title: str
    kind: str
    tool: str
    agent: str
    at: str
    excerpt: list[ExcerptPiece]


class SearchPage(TypedDict):
    """A page of results, best first. Of more than 2,000 matches, `total` counts the newest, which were ranked.

    `complete` is false while the index is being built, when older sessions may be missing; `indexed_at` is when it was
    last brought up to date.
    """

    results: list[SearchResult]
    total: int
    total_is_minimum: bool
    next_cursor: int | None
    complete: bool
    indexed_at: str | None


class SearchRequest(NamedTuple):
    """A search: its words, the only sessions that may be seen (None means all), a span of time, and a page."""

    text: str
    sessions: Collection[str] | None = None
    since_us: int = 0
    until_us: int | None = None
    limit: int = 20
    cursor: int = 0


EMPTY_PAGE = SearchPage(results=[], total=0, total_is_minimum=False, next_cursor=None, complete=False, indexed_at=None)


def search_page(data_dir: Path, request: SearchRequest) -> SearchPage:
    """A page of results. Raises SearchWordsError, SearchIndexError."""
    words = parse_words(request.text)
    with readable_index(data_dir) as connection:
        if connection is None:
            return EMPTY_PAGE.copy()
        labels = _labels(data_dir, projects(connection))
        wanted = Wanted(
            words, _matching(words.projects, labels), request.sessions, request.since_us, request.until_us,
            request.limit, request.cursor,
        )  # fmt: skip
        found = search(connection, wanted, now_us())
    end = request.cursor + len(found.hits)
    return SearchPage(
        results=[_result(hit, labels) for hit in found.hits],
        total=found.total,
        total_is_minimum=found.total == MAX_RANKED,
        next_cursor=end if end < found.total else None,
        complete=found.complete,
        indexed_at=iso_or_none(found.updated_us or None),
    )


def project_paths(data_dir: Path, name: str) -> set[str]:
    """The paths of the projects in the index with this path or label. Raises SearchIndexError."""
    with readable_index(data_dir) as connection:
        labels = _labels(data_dir, projects(connection)) if connection else {}
    return {path for path, label in labels.items() if path and name in {path, label}}


def _labels(data_dir: Path, paths: Iterable[str]) -> Mapping[str, str]:
    """The label of each project, by path."""
    known: dict[str, str] = {}
    with suppress(LedgerError), read_spending(data_dir) as ledger:  # others report the error
        known = ledger.labels() if ledger else {}
    unknown = new_labels(((path, 0) for path in paths if path and path not in known), known.values())
    return {path: known.get(path) or unknown.get(path, "") for path in paths}


def _matching(names: Collection[str], labels: Mapping[str, str]) -> set[str] | None:
    """The paths of the projects that any of the names is of; None if there are no names."""
    if not names:
        return None
    lower = [name.lower() for name in names]
    return {
        path for path, label in labels.items() if any(name in label.lower() or path.lower() == name for name in lower)
    }


def _result(hit: Hit, labels: Mapping[str, str]) -> SearchResult:
    shown = redact_text(hit.text)
    excerpt = hit.excerpt if shown == hit.text else (Excerpt(shown[:MAX_EXCERPT], False),)
    return {
        "session_uuid": hit.session,
        "project": labels.get(hit.project, ""),
        "title": title_line(hit.title.strip().split("\n", 1)[0]),
        "kind": hit.kind.word,
        "tool": hit.tool,
        "agent": hit.agent,
        "at": iso(hit.time_us),
        "excerpt": [{"text": text, "match": is_match} for text, is_match in excerpt],
    }
