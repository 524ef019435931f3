"""The digest of a day or week: what agents did and cost, against the same time before, what failed, and the quotas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypedDict

from exporter.counting.messages import CountedMessage
from exporter.model.clock import iso
from exporter.model.error_rate import error_rate_of
from exporter.model.records import Outcome
from exporter.reports.compared_code import ComparedCode
from exporter.reports.cost_groups import Grouping
from exporter.reports.cost_report import BY_MODEL, CostNumbers, CostRow, report
from exporter.reports.quota_report import QuotaReport
from exporter.views.session_records import SessionRecord

MAX_ROWS = 5


class Compared(TypedDict):
    """A number in the time of the digest, and in the time before."""

    now: float
    before: float


class ComparedCost(TypedDict):
    """A cost in the time of the digest, and in the time before; None if it is unknown.

    `unpriced_tokens` are those of models without a known price, whose cost is not in it.
    """

    now: float | None
    before: float | None
    unpriced_tokens: int
    unpriced_tokens_before: int


class NamedCost(ComparedCost):
    """The cost of a project or model."""

    name: str


class FailedTool(TypedDict):
    """How many of the calls of a tool have failed."""

    tool: str
    failed: int
    calls: int


class LongSession(TypedDict):
    """A session that lasted long. Its title is redacted; cost and duration are those of the whole session."""

    session_uuid: str
    title: str
    project: str
    duration_ms: int
    calls: int
    failed: int
    cost_usd: float | None
    unpriced_tokens: int


class Digest(TypedDict):
    """The digest of the time from `since` to `until`. Lists have the first five, by cost, failures or duration.

    `sessions` counts those with a line in the time; `calls`, `failed` and `failed_tools` are all of these sessions'.
    `error_rate` is the share of failures among all calls that have ended.
    `code` is None without a ledger.
    """

    since: str
    until: str
    sessions: Compared
    cost_usd: ComparedCost
    calls: int
    failed: int
    error_rate: float | None
    code: ComparedCode | None
    projects: list[NamedCost]
    models: list[NamedCost]
    failed_tools: list[FailedTool]
    longest_sessions: list[LongSession]
    quota: QuotaReport


def digest(
    messages: Iterable[CountedMessage],
    sessions: Sequence[SessionRecord],
    quota: QuotaReport,
    code: ComparedCode | None,
    since_us: int,
    now_us: int,
) -> Digest:
    """The digest; messages and sessions go back twice as far as it does."""
    before_us, since = 2 * since_us - now_us, iso(since_us)
    listed = list(messages)
    current = [message for message in listed if since_us <= message.time_us]
    earlier = [message for message in listed if before_us <= message.time_us < since_us]
    active = [session for session in sessions if session["last_activity_at"] >= since]
    return {
        "since": since,
        "until": iso(now_us),
        "sessions": {"now": len(active), "before": sum(session["started_at"] < since for session in sessions)},
        "cost_usd": _compared(_total(current), _total(earlier)),
        "calls": sum(session["tool_count"] for session in active),
        "failed": sum(session["error_count"] for session in active),
        "error_rate": error_rate_of(_outcomes(active)),
        "code": code,
        "projects": _by("project", current, earlier),
        "models": _by("model", current, earlier),
        "failed_tools": _failed_tools(active),
        "longest_sessions": [*map(_long_session, sorted(active, key=lambda one: -one["duration_ms"])[:MAX_ROWS])],
        "quota": quota,
    }


def _total(messages: list[CountedMessage]) -> CostNumbers:
    return report(messages, BY_MODEL, None, 0)["total"]


def _compared(now: CostNumbers, before: CostNumbers) -> ComparedCost:
    return {
        "now": now["cost_usd"],
        "before": before["cost_usd"],
        "unpriced_tokens": now["unpriced_tokens"],
        "unpriced_tokens_before": before["unpriced_tokens"],
    }


def _by(group: str, current: list[CountedMessage], earlier: list[CountedMessage]) -> list[NamedCost]:
    now, before = (_costs(group, messages) for messages in (current, earlier))
    nothing = _total([])
    rows: list[NamedCost] = [
        {"name": name, **_compared(now.get(name, nothing), before.get(name, nothing))} for name in {**now, **before}
    ]
    return sorted(rows, key=lambda row: -(row["now"] or 0))[:MAX_ROWS]


def _costs(group: str, messages: list[CountedMessage]) -> dict[str, CostRow]:
    rows = report(messages, Grouping((group,)), None, 0)["rows"]
    return {str(row[group]): row for row in rows}  # type: ignore[literal-required] # the key is one of GROUPS


def _outcomes(sessions: Iterable[SessionRecord]) -> Counter[Outcome]:
    outcomes = Counter[Outcome]()
    for session in sessions:
        for one in session["calls"]:
            outcomes[Outcome(one["outcome"])] += one["calls"]
    return outcomes


def _failed_tools(sessions: Iterable[SessionRecord]) -> list[FailedTool]:
    failed, calls = Counter[str](), Counter[str]()
    for session in sessions:
        for one in session["calls"]:
            calls[one["tool"]] += one["calls"]
            failed[one["tool"]] += one["calls"] if one["outcome"] == Outcome.ERROR else 0
    worst = sorted((tool for tool in failed if failed[tool]), key=lambda tool: (-failed[tool], tool))
    return [{"tool": tool, "failed": failed[tool], "calls": calls[tool]} for tool in worst[:MAX_ROWS]]


def _long_session(session: SessionRecord) -> LongSession:
    return {
        "session_uuid": session["session_uuid"],
        "title": session["title"],
        "project": session["project"],
        "duration_ms": session["duration_ms"],
        "calls": session["tool_count"],
        "failed": session["error_count"],
        "cost_usd": session["cost_usd"],
        "unpriced_tokens": session["unpriced_tokens"],
    }
