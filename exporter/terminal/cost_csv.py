"""The cost report as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io

from exporter.model.spreadsheet import cell
from exporter.reports.cost_report import CostNumbers, CostReport

CSV_FIELDS = tuple(CostNumbers.__annotations__)


def cost_csv(report: CostReport) -> str:
    """The groups as CSV with a header, without the total."""
    text = io.StringIO()
    by = report["by"]
    writer = csv.DictWriter(text, (*by, *CSV_FIELDS), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in report["rows"]:
        names = {name: cell(str(row[name])) for name in by}  # type: ignore[literal-required] # the keys are of GROUPS
        writer.writerow({**row, **names})
    return text.getvalue()
