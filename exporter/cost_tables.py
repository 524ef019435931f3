"""What `hookmeter cost` prints: a table for people, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io

from rich.table import Table
from rich.text import Text

from exporter.cost_report import CostNumbers, CostReport

HALF_A_CENT = 0.005
CSV_FIELDS = tuple(CostNumbers.__annotations__)


def cost_table(report: CostReport) -> Table:
    """A line a group, and the total below."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    total = _cells(report["total"])
    table.add_column(report["by"], "total", overflow="fold")
    for name, amount in zip(_headings(), total, strict=True):
        table.add_column(name, amount, justify="right", no_wrap=True)
    for row in report["rows"]:
        name = str(row[report["by"]]) or "–"  # type: ignore[literal-required] # the key is one of GROUPS
        table.add_row(Text(name), *_cells(row))
    return table


def notes(report: CostReport) -> list[str]:
    """What is to be known of the numbers, a sentence each."""
    total = report["total"]
    if not total["unpriced_tokens"]:
        return []
    return [
        f"{total['unpriced_tokens']:,} tokens are of models without a known price: what they cost is not in the total."
        " Name a price with --prices."
    ]


def cost_csv(report: CostReport) -> str:
    """The same as CSV with a heading; the total is the reader's to make."""
    text = io.StringIO()
    writer = csv.DictWriter(text, (report["by"], *CSV_FIELDS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(report["rows"])
    return text.getvalue()


def _headings() -> tuple[str, ...]:
    return ("requests", "input", "output", "cache read", "cache write", "searches", "saved", "cost")


def _cells(row: CostNumbers) -> tuple[str, ...]:
    written = row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"]
    numbers = (row["requests"], row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], written)
    return (
        *(f"{number:,}" for number in numbers),
        f"{row['web_searches']:,}" if row["web_searches"] else "–",
        _dollars(row["cache_savings_usd"]),
        _dollars(row["cost_usd"]) + ("+" if row["unpriced_tokens"] and row["cost_usd"] is not None else ""),
    )


def _dollars(amount: float | None) -> str:
    if amount is None:
        return "unknown"
    return f"-${-amount:,.2f}" if amount <= -HALF_A_CENT else f"${abs(amount):,.2f}"
