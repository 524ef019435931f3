"""The syntax of searches: words, "phrases", beginnings* and filters, of which nothing is a syntax error for FTS5."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from exporter.model.errors import UserError
from exporter.model.text import listed
from exporter.search.documents import KINDS, Kind

MAX_CHARACTERS = 500
MAX_WORDS = 32
MIN_BEGINNING = 2  # of a word with an asterisk: shorter ones match nearly everything
FILTERS = ("project", "tool", "session", "kind")
PART = re.compile(
    r'(?:(?P<filter>project|tool|session|kind):)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>\S+))', re.IGNORECASE
)


class SearchWordsError(UserError, ValueError):
    """The words cannot be searched for; the message has the reason."""


@dataclass(frozen=True, slots=True)
class Words:
    """A search: `match` is an expression for FTS5, empty if there are only filters. Any value of a filter counts."""

    match: str = ""
    projects: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


@dataclass(slots=True)
class _Found:
    terms: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FILTERS})


def parse_words(text: str) -> Words:
    """The search that a text describes. Raises SearchWordsError."""
    if len(text) > MAX_CHARACTERS:
        raise SearchWordsError(f"the search has {len(text)} characters; use at most {MAX_CHARACTERS}.")
    found = _Found()
    for name, value, is_phrase in _parts(text):
        if name:
            found.filters[name].append(value)
        elif term := _term(value, is_beginning=not is_phrase and value.endswith("*")):
            found.terms.append(term)
    if len(found.terms) > MAX_WORDS:
        raise SearchWordsError(f"the search has {len(found.terms)} words; use at most {MAX_WORDS}.")
    filters = found.filters
    if not (found.terms or any(filters.values())):
        raise SearchWordsError(
            'there is nothing to search for; give a word, a "phrase" or a filter such as kind:error.'
        )
    return Words(
        " AND ".join(found.terms),
        tuple(filters["project"]),
        tuple(filters["tool"]),
        tuple(filters["session"]),
        tuple(map(_kind, filters["kind"])),
    )


def _parts(text: str) -> Iterator[tuple[str, str, bool]]:
    """The name of the filter, if any, the value, and whether that is in quotes."""
    for part in PART.finditer(text):
        phrase, word = part["phrase"], part["word"]
        yield (part["filter"] or "").lower(), word if phrase is None else phrase, phrase is not None


def _term(text: str, *, is_beginning: bool) -> str:
    """A term for FTS5, which splits it into words as it does the texts; empty if it has no letter and no digit."""
    plain = "".join(c if unicodedata.category(c)[0] in "LNM" or c == " " else " " for c in text).strip()
    if not plain:
        return ""
    last = plain.split()[-1]
    return f'"{plain}"*' if is_beginning and len(last) >= MIN_BEGINNING else f'"{plain}"'


def _kind(name: str) -> Kind:
    try:
        return KINDS[name.lower()]
    except KeyError:
        raise SearchWordsError(f"invalid kind {name!r}; use {listed(KINDS)}.") from None
