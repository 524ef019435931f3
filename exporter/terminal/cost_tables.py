"""What `hookmeter cost` prints: a table, and notes on its numbers."""

from __future__ import annotations

from rich.cells import cell_len

from exporter.model.text import printable
from exporter.reports.active_block import ActiveBlock
from exporter.reports.cost_report import CostNumbers, CostReport, CostRow
from exporter.reports.prices_used import PricesUsed
from exporter.terminal.alignment import COLUMN_GAP
from exporter.terminal.amounts import dollars, unpriced_note
from exporter.terminal.descriptions import Column, PlainTable
from exporter.terminal.screen import screen

# The columns that a narrow terminal does not show, the least important first.
OPTIONAL_COLUMNS = ("searches", "cache write", "cache read", "saved", "requests", "input", "output")
COMPACT_COLUMNS = ("input", "output", "cost")
MAX_NAME_WIDTH = 36  # of a session id; a longer name is wrapped before a column is dropped
DATE_LENGTH = len("2026-11-28")


def cost_table(report: CostReport, *, compact: bool = False) -> PlainTable:
    """A row per group, followed by those of its models if it has them, and the total, in as many columns as fit."""
    lines = [line for row in report["rows"] for line in _lines(row, report["by"])]
    total = _cells(report["total"])
    wanted = [heading for heading in total if not compact or heading in COMPACT_COLUMNS]
    rest = screen().width - _names_width(report["by"], [names for names, _ in lines])
    headings = _fitting_columns([*(cells for _, cells in lines), total], wanted, rest)
    columns = (
        *(Column(by.replace("_", " "), overflow="fold") for by in report["by"]),
        *(Column(heading, is_number=True, no_wrap=True) for heading in headings),
    )
    rows = [(*names, *(cells[heading] for heading in headings)) for names, cells in lines]
    blanks = [""] * (len(report["by"]) - 1)
    return PlainTable(columns, rows, ("total", *blanks, *(total[heading] for heading in headings)))


def _lines(row: CostRow, by: list[str]) -> list[tuple[list[str], dict[str, str]]]:
    """The names and cells of a row, and those of its models."""
    blanks = [""] * (len(by) - 1)
    models = [([printable(f"  {model['model']}"), *blanks], _cells(model)) for model in row.get("by_model", [])]
    return [([printable(_name(row, name) or "–") for name in by], _cells(row)), *models]


def _names_width(by: list[str], names: list[list[str]]) -> int:
    """The width of the columns of names; a longer name is wrapped."""
    columns = zip(*names, strict=True) if names else ([""] for _ in by)
    longest: list[int] = [
        max(len(heading), len("total"), *map(cell_len, column)) for heading, column in zip(by, columns, strict=True)
    ]
    return sum(min(each, MAX_NAME_WIDTH) for each in longest) + COLUMN_GAP * (len(by) - 1)


def notes(report: CostReport, block: ActiveBlock | None, used: PricesUsed) -> list[str]:
    """Notes on the numbers, a sentence each."""
    return [*_block_notes(block), *_total_notes(report["total"]), *_price_notes(used)]


def _block_notes(block: ActiveBlock | None) -> list[str]:
    if block is None:
        return []
    cost, rate, projected = (
        dollars(amount, block["unpriced_tokens"])
        for amount in (block["cost_usd"], block["cost_usd_per_hour"], block["projected_cost_usd"])
    )
    has_rate = block["cost_usd_per_hour"] is not None
    forecast = f", {rate} an hour; at this rate, {projected} at its end" if has_rate else ""
    return [f"The block since {block['block']} is active until {block['ends']}: {cost} so far{forecast}."]


def _total_notes(total: CostNumbers) -> list[str]:
    found = []
    if total["not_itemized_usd"]:
        amount = dollars(total["not_itemized_usd"], total["unpriced_not_itemized_tokens"])
        found.append(
            f"{amount} of the total is not itemized: it is the cost of requests of which Claude Code writes no message,"
            " such as compaction and web searches."
        )
    return [*found, *unpriced_note(total["unpriced_tokens"], "the total")]


def _price_notes(used: PricesUsed) -> list[str]:
    """Notes on the prices, unless they are just the list prices."""
    found = [f"Prices: {'; '.join(used['sources'])}."] if len(used["sources"]) > 1 else []
    if not all(each["still_hold"] for each in used["counted_by"]):
        spans = (f"since {each['since'][:DATE_LENGTH]} {'; '.join(each['sources'])}" for each in used["counted_by"])
        found.append(
            f"The ledger has costs by other prices, each message by those of when it was counted: {', '.join(spans)}."
        )
    return found


def _name(row: CostRow, by: str) -> str:
    return str(row[by])  # type: ignore[literal-required] # the key is one of GROUPS


def _fitting_columns(lines: list[dict[str, str]], headings: list[str], width: int) -> list[str]:
    """The headings of the columns that fit next to the names."""
    widths = {heading: COLUMN_GAP + max(len(heading), *(len(line[heading]) for line in lines)) for heading in headings}
    for heading in OPTIONAL_COLUMNS:
        if heading in widths and sum(widths.values()) > width:
            del widths[heading]
    return list(widths)


def _cells(row: CostNumbers) -> dict[str, str]:
    return {
        "requests": f"{row['requests']:,}",
        "input": f"{row['input_tokens']:,}",
        "output": f"{row['output_tokens']:,}",
        "cache read": f"{row['cache_read_tokens']:,}",
        "cache write": f"{row['cache_write_5m_tokens'] + row['cache_write_1h_tokens']:,}",
        "searches": f"{row['web_searches']:,}" if row["web_searches"] else "–",
        "saved": dollars(row["cache_savings_usd"], row["unpriced_cache_tokens"]),
        "cost": dollars(row["cost_usd"], row["unpriced_tokens"]),
    }
