"""SQL functions of the ledger, for what SQLite has none."""

from __future__ import annotations

import json
import sqlite3

from exporter.model.text import encodable, printable, shortened
from exporter.views.redaction import redact_text

MAX_TITLE = 200


def add_functions(connection: sqlite3.Connection) -> None:
    """Add the functions to a connection."""
    connection.create_function("printable", 1, printable, deterministic=True)
    connection.create_function("printable_labels", 1, _printable_labels, deterministic=True)
    connection.create_function("title_line", 1, title_line, deterministic=True)
    connection.create_function("sum_of_counts", 2, _sum_of_counts, deterministic=True)


def title_line(text: str) -> str:
    """A title or the first line of a prompt as it is listed: redacted, and then shortened."""
    return shortened(redact_text(encodable(text)), MAX_TITLE)


def _printable_labels(labels: str) -> str:
    """The JSON array of label values, each of them printable."""
    return json.dumps([*map(printable, json.loads(labels))])


def _sum_of_counts(counts: str, others: str) -> str:
    """The JSON array of the sums of two arrays of the same length."""
    return json.dumps([one + other for one, other in zip(json.loads(counts), json.loads(others), strict=True)])
