"""The cost report: totals of messages, grouped as requested."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from msgspec.structs import astuple

from exporter.counting.messages import CountedMessage
from exporter.model.clock import iso, iso_or_none
from exporter.model.money import dollars
from exporter.model.records import NOT_ITEMIZED, Usage
from exporter.prices.table import Cost
from exporter.reports.cost_groups import Group, Grouping, order_of

BY_MODEL = Grouping(("model",))


class CostNumbers(TypedDict):
    """The totals of messages and of what is not itemized in any; a cost is None if none of it has a known price.

    `requests` is the number of messages alone. `unpriced_tokens` are those of models without a known price: the cost
    lacks them, the savings those that were read from the cache or written to it, and `not_itemized_usd` those of no
    message.
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
    unpriced_cache_tokens: int
    unpriced_not_itemized_tokens: int


class CostRow(CostNumbers, total=False):
    """The totals of one group, with its names under the keys by which the report is grouped."""

    hour: str
    day: str
    week: str
    month: str
    model: str
    project: str
    agent: str
    session: str
    branch: str
    skill: str
    mcp_server: str
    speed: str
    region: str
    by_model: list[CostRow]


class CostReport(TypedDict):
    """A row for each group, and the total."""

    by: list[str]
    since: str | None
    until: str
    rows: list[CostRow]
    total: CostNumbers


def report(
    messages: Iterable[CountedMessage],
    grouping: Grouping,
    since_us: int | None,
    until_us: int,
    *,
    descending: bool | None = None,
    breakdown: bool = False,
) -> CostReport:
    """The report on messages: periods in chronological order, and within them by descending cost.

    `descending` sets the order of periods, or of costs if there are none. With `breakdown`, each row has its models.
    """
    listed = list(messages)
    groups = _groups(listed, grouping)
    rows: dict[Group, CostRow] = {names: _row(grouping, names, found) for names, found in sorted(groups.items())}
    if breakdown:
        for names, row in rows.items():
            row["by_model"] = report(groups[names], BY_MODEL, since_us, until_us)["rows"]
    return {
        "by": list(grouping.by),
        "since": iso_or_none(since_us),
        "until": iso(until_us),
        "rows": _in_order(rows.values(), grouping, descending=descending),
        "total": _numbers(listed),
    }


def _groups(messages: list[CountedMessage], grouping: Grouping) -> dict[Group, list[CountedMessage]]:
    groups: dict[Group, list[CountedMessage]] = {}
    group_of = grouping.group_of()
    for message in messages:
        groups.setdefault(group_of(message), []).append(message)
    return groups


def _row(grouping: Grouping, names: Group, messages: list[CountedMessage]) -> CostRow:
    return {**dict(zip(grouping.by, names, strict=True)), **_numbers(messages)}  # type: ignore[typeddict-item] # the keys are of GROUPS


def _in_order(rows: Iterable[CostRow], grouping: Grouping, *, descending: bool | None) -> list[CostRow]:
    def moments(row: CostRow) -> list[str | datetime]:
        return [order_of(name, row[name]) for name in grouping.periods]  # type: ignore[literal-required] # of GROUPS

    found = sorted(
        rows, key=lambda row: row["cost_usd"] or 0, reverse=bool(grouping.periods) or descending is not False
    )
    return sorted(found, key=moments, reverse=descending is True) if grouping.periods else found


def _numbers(messages: list[CountedMessage]) -> CostNumbers:
    usage = Usage(*_sums(astuple(Usage()), (astuple(message.usage) for message in messages)))
    cost = Cost(*_sums(Cost(0, 0, 0), (message.cost for message in messages if message.cost)))
    unpriced = [message for message in messages if message.cost is None]
    residual = [message for message in messages if message.origin.agent == NOT_ITEMIZED]
    return {
        "requests": len(messages) - len(residual),
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_tokens": usage.cache_read,
        "cache_write_5m_tokens": usage.cache_write_5m,
        "cache_write_1h_tokens": usage.cache_write_1h,
        "web_searches": usage.web_searches,
        "unpriced_tokens": sum(message.usage.tokens for message in unpriced),
        "cost_usd": _dollars(messages, cost.total),
        "cache_savings_usd": _dollars(messages, cost.cache_saved - cost.cache_premium),
        "not_itemized_usd": _dollars(residual, sum(message.cost.total for message in residual if message.cost)),
        "unpriced_cache_tokens": sum(message.usage.cached for message in unpriced),
        "unpriced_not_itemized_tokens": sum(message.usage.tokens for message in residual if message.cost is None),
    }


def _sums(zero: tuple[int, ...], terms: Iterable[tuple[int, ...]]) -> Iterable[int]:
    """The sum of each column."""
    return map(sum, zip(zero, *terms, strict=True))


def _dollars(messages: list[CountedMessage], picodollars: int) -> float | None:
    """The amount of some messages; None if none of them has a known price."""
    return dollars(picodollars) if not messages or any(message.cost for message in messages) else None
