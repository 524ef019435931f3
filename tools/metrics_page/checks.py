"""Whether the table says of every metric what it should, and of none what it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from exporter.model.errors import UserError
from tools.metrics_page.families import Family
from tools.metrics_page.records import MetricText, Section

PLACE = "tools/metrics_page/"


class PageError(UserError):
    """The page cannot be written as the table stands."""


def check(families: Mapping[str, Family], sections: Sequence[Section]) -> None:
    """Raise PageError where the metrics and the table do not go together."""
    rows = [row for section in sections for row in section.metrics]
    for name, number in Counter(row.name for row in rows).items():
        if number > 1:
            raise PageError(f"{name} has {number} rows in {PLACE}: leave one of them.")
        if name not in families:
            raise PageError(f"{name} has a row in {PLACE}, but there is no such metric: take the row out.")
    for name in families:
        if name not in {row.name for row in rows}:
            raise PageError(f"{name} has no row in {PLACE}: give it one in the file of its subject.")
    for row in rows:
        _check_labels(row, families[row.name])


def _check_labels(row: MetricText, family: Family) -> None:
    for label in family.labels:
        if label not in row.labels:
            raise PageError(f"The label {label} of {row.name} is not explained: add it to the row in {PLACE}.")
    for label, text in row.labels.items():
        if label not in family.labels:
            raise PageError(f"{row.name} has no label {label}: take it out of the row in {PLACE}.")
        shown = {value for name, value in family.shown if name == label}
        if text.values and shown and shown != set(text.values):
            told = ", ".join(sorted(shown))
            raise PageError(f"The label {label} of {row.name} can be {told}: let its row in {PLACE} have just these.")
