"""Sessions in a list as JSON objects."""

from __future__ import annotations

import json
from typing import TypedDict

from exporter.model.listed_session import Listed
from exporter.views.redaction import redact_text
from exporter.views.sessions import PricedSession, priced, summary


class Tokens(TypedDict):
    """Tokens by kind."""

    input: int
    output: int
    cache_read: int
    cache_write: int


class ListedSession(PricedSession):
    """A session as it is listed; the title is Claude Code's, or else the first line of the first prompt.

    `models` are those of its requests, the most expensive first, `agents` those that made calls or requests.
    """

    title: str
    models: list[str]
    agents: list[str]
    tokens: Tokens


def listed_session(listed: Listed, now_us: int) -> ListedSession:
    """The JSON object of a session in a list."""
    row, label = listed
    shown = summary(row.session, row.failed, now_us, {row.project: label})
    return {
        **priced(shown, row.amount),
        "title": redact_text(row.title),
        "models": json.loads(row.models),
        "agents": json.loads(row.agents),
        "tokens": {
            "input": row.input,
            "output": row.output,
            "cache_read": row.cache_read,
            "cache_write": row.cache_write,
        },
    }
