"""Consistency of the sections with the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from exporter.model.errors import UserError
from tools.metrics_page.families import Family
from tools.metrics_page.records import MetricText, Section

PLACE = "tools/metrics_page/"


class PageError(UserError):
    """The page cannot be written."""


def check(families: Mapping[str, Family], sections: Sequence[Section]) -> None:
    """Raise PageError if a metric or label is missing from the sections, or in them but not exported."""
    entries = [entry for section in sections for entry in section.metrics]
    for name, number in Counter(entry.name for entry in entries).items():
        if number > 1:
            raise PageError(f"{name} has {number} entries in {PLACE}; remove all but one.")
        if name not in families:
            raise PageError(f"{name} has an entry in {PLACE}, but there is no such metric; remove the entry.")
    for name in families:
        if name not in {entry.name for entry in entries}:
            raise PageError(f"{name} has no entry in {PLACE}; add one to the file of its subject.")
    for entry in entries:
        _check_labels(entry, families[entry.name])


def _check_labels(entry: MetricText, family: Family) -> None:
    for label in family.labels:
        if label not in entry.labels:
            raise PageError(f"The label {label} of {entry.name} is not explained; add it to the entry in {PLACE}.")
    for label, text in entry.labels.items():
        if label not in family.labels:
            raise PageError(f"{entry.name} has no label {label}; remove it from the entry in {PLACE}.")
        exported = {value for name, value in family.initial if name == label}
        if text.values and exported and exported != set(text.values):
            values = ", ".join(sorted(exported))
            raise PageError(
                f"The values of the label {label} of {entry.name} are {values}; correct its entry in {PLACE}."
            )
