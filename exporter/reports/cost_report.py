"""The cost report: totals of messages, grouped as requested."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypedDict

from exporter.counting.spending import CountedMessage
from exporter.model.clock import from_us, iso, iso_or_none
from exporter.model.money import dollars
from exporter.model.records import NOT_ITEMIZED, Usage
from exporter.prices.names import region
from exporter.sources.api_messages import FAST, US

GROUPS: dict[str, Callable[[CountedMessage], str]] = {
    "model": lambda message: message.origin.model,
    "project": lambda message: message.origin.project,
    "agent": lambda message: message.origin.agent,
    "day": lambda message: f"{from_us(message.time_us).astimezone():%Y-%m-%d}",
    "session": lambda message: message.origin.session,
    "branch": lambda message: message.origin.branch,
    "skill": lambda message: message.origin.skill,
    "mcp_server": lambda message: message.origin.mcp_server,
    "speed": lambda message: FAST if message.fast else message.origin.speed,
    "region": lambda message: US if message.us_inference else message.origin.region or region(message.origin.model),
}


class CostNumbers(TypedDict):
    """The totals of messages and of what is not itemized in any; a cost is None if none of it has a known price.

    `requests` is the number of messages alone.
    """

    requests: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    web_searches: int
    unpriced_tokens: int
    cost_usd: float | None
    cache_savings_usd: float | None
    not_itemized_usd: float | None


class CostRow(CostNumbers, total=False):
    """The totals of one group, with its name under the key by which the report is grouped."""

    model: str
    project: str
    agent: str
    day: str
    session: str
    branch: str
    skill: str
    mcp_server: str
    speed: str
    region: str


class CostReport(TypedDict):
    """A row for each group, by descending cost (days in chronological order), and the total."""

    by: str
    since: str | None
    until: str
    rows: list[CostRow]
    total: CostNumbers


def report(messages: Iterable[CountedMessage], by: str, since_us: int | None, now_us: int) -> CostReport:
    """The report on messages, grouped by one of GROUPS."""
    groups: dict[str, list[CountedMessage]] = {}
    group_of = GROUPS[by]
    listed = list(messages)
    for message in listed:
        groups.setdefault(group_of(message), []).append(message)
    rows: list[CostRow] = [{by: name, **_row(group)} for name, group in sorted(groups.items())]  # type: ignore[misc] # the key is one of GROUPS
    if by != "day":
        rows.sort(key=lambda row: -(row["cost_usd"] or 0))
    return {
        "by": by,
        "since": iso_or_none(since_us),
        "until": iso(now_us),
        "rows": rows,
        "total": _row(listed),
    }


def _row(messages: list[CountedMessage]) -> CostNumbers:
    usages = [message.usage for message in messages]
    costs = [message.cost for message in messages if message.cost is not None]
    unpriced = [message.usage for message in messages if message.cost is None]
    residual = [message for message in messages if message.origin.agent == NOT_ITEMIZED]
    return {
        "requests": len(messages) - len(residual),
        "input_tokens": sum(usage.input for usage in usages),
        "output_tokens": sum(usage.output for usage in usages),
        "cache_read_tokens": sum(usage.cache_read for usage in usages),
        "cache_write_5m_tokens": sum(usage.cache_write_5m for usage in usages),
        "cache_write_1h_tokens": sum(usage.cache_write_1h for usage in usages),
        "web_searches": sum(usage.web_searches for usage in usages),
        "unpriced_tokens": sum(map(_tokens, unpriced)),
        "cost_usd": _dollars(messages, sum(cost.total for cost in costs)),
        "cache_savings_usd": _dollars(messages, sum(cost.cache_saved - cost.cache_premium for cost in costs)),
        "not_itemized_usd": _dollars(residual, sum(message.cost.total for message in residual if message.cost)),
    }


def _dollars(messages: list[CountedMessage], picodollars: int) -> float | None:
    """The amount of some messages; None if none of them has a known price."""
    return dollars(picodollars) if not messages or any(message.cost for message in messages) else None


def _tokens(usage: Usage) -> int:
    return usage.prompt + usage.output
