"""A session as a file: its calls, events and API requests in the order of time, redacted, as JSON, CSV or Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from exporter.model.money import PICODOLLARS, Amount
from exporter.model.spreadsheet import cell
from exporter.sources.asked_calls import QUESTION_TOOLS
from exporter.views.markdown import block, code
from exporter.views.requests import RequestSpent
from exporter.views.session_events import TimelineEvent
from exporter.views.sessions import PricedSession, ToolUse

SECONDS = len("2026-11-29T20:15:00")
NOT_LOGGED = ""  # sorts first
SPOKEN = frozenset({"prompt", "answer"})
KINDS = {"permission": "waits for permission", "api_error": "API error", "fallback": "other model"}


@dataclass(frozen=True, slots=True)
class SessionExport:
    """All of a session that is exported. The parts are redacted."""

    summary: PricedSession
    tools: list[ToolUse]
    events: list[TimelineEvent]
    requests: list[RequestSpent]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a call, an event or an API request. `total_usd` is what the session has cost so far.

    `total_unpriced_tokens` are those of models without a known price so far, whose cost is not in it.
    """

    at: str
    kind: str
    agent: str
    agent_id: str = ""
    tool: str = ""
    text: str = ""
    outcome: str = ""
    duration_ms: float | None = None
    error: str = ""
    until: str = ""
    request: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cost_usd: float | None = None
    total_usd: float | None = None
    total_unpriced_tokens: int | None = None


COLUMNS = tuple(field.name for field in fields(Row))


class Format(NamedTuple):
    """A format of exports: how it is written, its media type, and the ending of its files."""

    written: Callable[[SessionExport], str]
    media_type: str
    ending: str


def export_json(export: SessionExport) -> str:
    """All parts as one JSON object."""
    return json.dumps({field.name: getattr(export, field.name) for field in fields(export)}, indent=2) + "\n"


def export_csv(export: SessionExport) -> str:
    """A row for each call, event and API request; the costs add up to that of the session."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in rows(export))
    return text.getvalue()


def export_markdown(export: SessionExport) -> str:
    """The session for people to read. Its texts are code, so that none of them is taken for Markdown."""
    summary = export.summary
    facts = (
        ("Project", summary["project"]),
        ("Status", summary["status"]),
        ("Started", _time(summary["started_at"])),
        ("Last activity", _time(summary["last_activity_at"])),
        ("Calls", f"{summary['tool_count']}, {summary['error_count']} failed"),
        ("Cost", _cost(summary)),
    )
    listed = "\n".join(f"- {name}: {code(text)}" for name, text in facts)
    return "\n\n".join([f"# Session {code(summary['session_uuid'])}", listed, *_paragraphs(rows(export))]) + "\n"


FORMATS = {
    "json": Format(export_json, "application/json", "json"),
    "csv": Format(export_csv, "text/csv", "csv"),
    "markdown": Format(export_markdown, "text/markdown", "md"),
}


def rows(export: SessionExport) -> list[Row]:
    """All rows in the order of time, each API request once: as the answer that it got, if that is known."""
    spent = {one["request"] for one in export.requests}
    answers = {event["request"]: event for event in export.events if event["request"] in spent}
    found = [*map(_of_call, export.tools)]
    found += [_of_event(event) for event in export.events if event["request"] not in spent]
    found += _of_requests(export.requests, answers)
    return sorted(found, key=attrgetter("at"))


def _of_call(tool: ToolUse) -> Row:
    return Row(
        tool["timestamp"] or NOT_LOGGED, "call", tool["agent"], tool["agent_id"], tool["tool_name"], tool["subject"],
        tool["outcome"], tool["duration_ms"], tool["error"] or "",
    )  # fmt: skip


def _of_event(event: TimelineEvent) -> Row:
    kind = "request" if event["request"] and not event["text"] else event["kind"]
    return Row(
        event["at"], kind, event["agent"], event["agent_id"], event["tool"], event["text"], event["detail"],
        until=event["until"] or "",
    )  # fmt: skip


def _of_requests(requests: list[RequestSpent], answers: dict[str, TimelineEvent]) -> Iterator[Row]:
    total = Amount()
    for spent in requests:
        total = _plus(total, spent)
        answer = answers.get(spent["request"])
        yield Row(
            spent["at"], "answer" if answer and answer["text"] else "request", spent["agent"],
            answer["agent_id"] if answer else "", text=answer["text"] if answer else "", request=spent["request"],
            model=spent["model"], input_tokens=spent["input_tokens"], output_tokens=spent["output_tokens"],
            cache_read_tokens=spent["cache_read_tokens"], cache_write_tokens=spent["cache_write_tokens"],
            cost_usd=spent["cost_usd"], total_usd=total.dollars, total_unpriced_tokens=total.unpriced_tokens,
        )  # fmt: skip


def _plus(total: Amount, spent: RequestSpent) -> Amount:
    """The total after a request, exact as its parts are."""
    cost, known = spent["cost_usd"], total.picodollars
    if cost is None:
        tokens = (spent[kind] for kind in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"))
        return Amount(known, total.unpriced_tokens + sum(tokens))
    return Amount((known or 0) + round(cost * PICODOLLARS), total.unpriced_tokens)


def _cell(value: Any) -> Any:
    return cell(value) if isinstance(value, str) else value


def _paragraphs(found: list[Row]) -> Iterator[str]:
    """The rows in Markdown; a request without a text is left out, as its cost is in CSV and JSON."""
    shown = (row for row in found if row.kind != "request")
    for stands_alone, group in groupby(shown, lambda row: bool(row.kind in SPOKEN or row.error)):
        paragraphs = [_spoken(row) if row.kind in SPOKEN else _item(row) for row in group]
        yield ("\n\n" if stands_alone else "\n").join(paragraphs)


def _spoken(row: Row) -> str:
    """A prompt or an answer, under a heading of its own."""
    return f"## {row.kind.title()} {' '.join(map(code, [_time(row.at), *_others(row)]))}\n\n{block(row.text)}"


def _item(row: Row) -> str:
    """A call or an event as an item of a list, with its error."""
    shown = [_time(row.at), *_others(row), _name(row), row.text, row.outcome, _duration(row.duration_ms)]
    item = f"- {' '.join(code(text) for text in shown if text)}"
    return f"{item}\n\n{block(row.error)}" if row.error else item


def _others(row: Row) -> list[str]:
    """Whose row it is, unless it is the main agent's."""
    return [] if row.agent == "main" else [row.agent]


def _name(row: Row) -> str:
    """What a call or an event is called."""
    if row.kind == "call":
        return row.tool
    asks = row.kind == "permission" and row.tool in QUESTION_TOOLS
    kind = "waits for an answer" if asks else KINDS.get(row.kind, row.kind)
    return f"{kind} {row.tool}".rstrip()


def _time(at: str) -> str:
    return f"{at[:SECONDS].replace('T', ' ')} UTC" if at else ""


def _duration(milliseconds: float | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.3f} s"


def _cost(summary: PricedSession) -> str:
    known = "unknown" if summary["cost_usd"] is None else f"${summary['cost_usd']:,.4f}"
    unpriced = summary["unpriced_tokens"]
    return f"{known}, without that of {unpriced:,} tokens of models without a known price" if unpriced else known
