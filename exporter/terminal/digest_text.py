"""The digest as text for a terminal or a mail, and as Markdown for a chat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from exporter.model.text import printable, shortened
from exporter.reports.digest import ComparedCost, Digest, NamedCost
from exporter.terminal.amounts import dollars, duration, numbered, unpriced_note
from exporter.terminal.code_changes import code_changes
from exporter.terminal.descriptions import Column, PlainTable
from exporter.terminal.quota_table import quota_rows
from exporter.terminal.tables import table_lines

MARKDOWN = re.compile(r"([\\`*_\[\]<>|~#&@])")
MAX_TITLE = 60


class Section(NamedTuple):
    """A table with a heading; its first column has names, the others have numbers."""

    heading: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def digest_text(digest: Digest) -> str:
    """The digest as plain text."""
    lines = [f"hookmeter: {_span(digest)}", _headline(digest), *_of_code(digest), *_of_unpriced(digest)]
    parts = ["\n".join(lines)]
    return "\n\n".join([*parts, *(_plain(section) for section in sections(digest))])


def digest_markdown(digest: Digest) -> str:
    """The digest as Markdown; texts from logs and transcripts are escaped."""
    parts = [f"## hookmeter: {_span(digest)}", f"**{_headline(digest)}**", *_of_code(digest), *_of_unpriced(digest)]
    return "\n\n".join([*parts, *(_markdown(section) for section in sections(digest))])


def sections(digest: Digest) -> list[Section]:
    """The tables of the digest, without empty ones."""
    found = [
        Section("Projects", ("project", "cost", "before"), [*map(_cost_row, digest["projects"])]),
        Section("Models", ("model", "cost", "before"), [*map(_cost_row, digest["models"])]),
        Section(
            "Failed calls",
            ("tool", "failed", "of"),
            [(one["tool"], f"{one['failed']:,}", f"{one['calls']:,}") for one in digest["failed_tools"]],
        ),
        Section(
            "Longest sessions",
            ("session", "duration", "calls", "failed", "cost"),
            [
                (
                    f"{one['project'] or '–'}: {shortened(one['title'] or one['session_uuid'], MAX_TITLE)}",
                    duration(one["duration_ms"]), f"{one['calls']:,}", f"{one['failed']:,}",
                    dollars(one["cost_usd"], one["unpriced_tokens"]),
                )
                for one in digest["longest_sessions"]
            ],
        ),
        Section(
            "Quotas and budgets",
            ("quota", "used", "of", "ends in", "rate", "at the end"),
            quota_rows(digest["quota"], datetime.fromisoformat(digest["until"])),
        ),
    ]  # fmt: skip
    return [section for section in found if section.rows]


def _span(digest: Digest) -> str:
    since, until = (datetime.fromisoformat(digest[end]).astimezone() for end in ("since", "until"))
    return f"{since:%a %d %b %H:%M} – {until:%a %d %b %H:%M}"


def _headline(digest: Digest) -> str:
    sessions, failed, calls = digest["sessions"], digest["failed"], digest["calls"]
    rate = "" if digest["error_rate"] is None else f" (error rate {digest['error_rate']:.1%})"
    parts = (
        f"{_now(digest['cost_usd'])}{_compared(digest['cost_usd'])}",
        f"{numbered(round(sessions['now']), 'session')} (before: {sessions['before']:,.0f})",
        f"{numbered(calls, 'call')}, {failed:,} failed{rate}",
    )
    return " · ".join(parts)


def _compared(cost: ComparedCost) -> str:
    """The cost before, and how much that has changed if both are complete."""
    now, before = cost["now"], cost["before"]
    is_complete = not (cost["unpriced_tokens"] or cost["unpriced_tokens_before"])
    change = f", {now / before - 1:+.0%}" if now is not None and before and is_complete else ""
    return f" (before: {_before(cost)}{change})"


def _now(cost: ComparedCost) -> str:
    return dollars(cost["now"], cost["unpriced_tokens"])


def _before(cost: ComparedCost) -> str:
    return dollars(cost["before"], cost["unpriced_tokens_before"])


def _of_unpriced(digest: Digest) -> list[str]:
    cost = digest["cost_usd"]
    return unpriced_note(cost["unpriced_tokens"] + cost["unpriced_tokens_before"], "these costs")


def _of_code(digest: Digest) -> list[str]:
    """A line on what changed in code, if anything did."""
    if (code := digest["code"]) is None or not any(code["now"].values()):
        return []
    before = f" (before: {code_changes(code['before'])})" if code["before"] else ""
    return [code_changes(code["now"]) + before]


def _cost_row(cost: NamedCost) -> tuple[str, ...]:
    return cost["name"] or "–", _now(cost), _before(cost)


def _plain(section: Section) -> str:
    columns = [Column(name, is_number=number > 0) for number, name in enumerate(section.columns)]
    return "\n".join([section.heading, *(f"  {line}" for line in table_lines(PlainTable(columns, section.rows)))])


def _markdown(section: Section) -> str:
    rule = ("---", *("---:" for _ in section.columns[1:]))
    rows = [section.columns, rule, *(tuple(map(_escaped, row)) for row in section.rows)]
    return "\n".join([f"### {section.heading}", "", *map(_line, rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return MARKDOWN.sub(r"\\\1", printable(text))
