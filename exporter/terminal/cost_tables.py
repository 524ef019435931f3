"""What `hookmeter cost` prints: a table for the terminal, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io

from rich.table import Table

from exporter.model.text import printable
from exporter.reports.cost_report import CostNumbers, CostReport, CostRow
from exporter.reports.prices_used import PricesUsed
from exporter.terminal.amounts import dollars
from exporter.terminal.tables import PlainTable, plain, width

CSV_FIELDS = tuple(CostNumbers.__annotations__)
# The columns that a narrow terminal does not show, the least important first.
OPTIONAL_COLUMNS = ("searches", "cache write", "cache read", "saved", "requests", "input", "output")
MAX_NAME_WIDTH = 36  # of a session id; a longer name is wrapped before a column is dropped
GAP = 2
# Also the space that a tab or a line break has become, behind which a formula may follow, and full-width characters.
FORMULA_STARTS = ("=", "+", "-", "@", " ", "＝", "＋", "－", "＠")
DATE_LENGTH = len("2026-11-28")


def cost_table(report: CostReport) -> Table:
    """A row per group and the total, in as many columns as fit the terminal."""
    table = PlainTable(show_footer=True, footer_style="bold")
    names = [plain(_name(row, report["by"]) or "–") for row in report["rows"]]
    *lines, total = (_cells(row) for row in (*report["rows"], report["total"]))
    longest = max(len(report["by"]), len("total"), *(name.cell_len for name in names))
    table.add_column(report["by"].replace("_", " "), "total", overflow="fold")
    headings = _fitting_columns([*lines, total], width() - min(longest, MAX_NAME_WIDTH))
    for heading in headings:
        table.add_column(heading, total[heading], justify="right", no_wrap=True)
    for name, line in zip(names, lines, strict=True):
        table.add_row(name, *(line[heading] for heading in headings))
    return table


def notes(report: CostReport) -> list[str]:
    """Notes on the numbers, a sentence each."""
    total, found = report["total"], []
    if total["not_itemized_usd"]:
        found.append(
            f"{dollars(total['not_itemized_usd'])} of the total is not itemized: it is the cost of requests of which"
            " Claude Code writes no message, such as compaction and web searches."
        )
    if total["unpriced_tokens"]:
        found.append(
            f"{total['unpriced_tokens']:,} tokens are of models without a known price: their cost is not in the total."
            " Set a price with --prices."
        )
    return found


def price_notes(used: PricesUsed) -> list[str]:
    """Notes on the prices, a sentence each, unless they are just the list prices."""
    found = [f"Prices: {'; '.join(used['sources'])}."] if len(used["sources"]) > 1 else []
    if not all(each["still_hold"] for each in used["counted_by"]):
        spans = (f"since {each['since'][:DATE_LENGTH]} {'; '.join(each['sources'])}" for each in used["counted_by"])
        found.append(
            f"The ledger has costs by other prices, each message by those of when it was counted: {', '.join(spans)}."
        )
    return found


def cost_csv(report: CostReport) -> str:
    """The groups as CSV with a header, without the total."""
    text = io.StringIO()
    writer = csv.DictWriter(text, (report["by"], *CSV_FIELDS), lineterminator="\n")
    writer.writeheader()
    by = report["by"]
    writer.writerows({**row, by: _csv_text(_name(row, by))} for row in report["rows"])
    return text.getvalue()


def _csv_text(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown


def _name(row: CostRow, by: str) -> str:
    return str(row[by])  # type: ignore[literal-required] # the key is one of GROUPS


def _fitting_columns(lines: list[dict[str, str]], width: int) -> list[str]:
    """The headings of the columns that fit next to the names."""
    widths = {heading: GAP + max(len(heading), *(len(line[heading]) for line in lines)) for heading in lines[0]}
    for heading in OPTIONAL_COLUMNS:
        if sum(widths.values()) > width:
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
        "saved": dollars(row["cache_savings_usd"]),
        "cost": dollars(row["cost_usd"]) + ("+" if row["unpriced_tokens"] and row["cost_usd"] is not None else ""),
    }
