"""What calls changed in code in a range of time, grouped as requested."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import TypedDict

from exporter.ledger.code_history import ProjectCode
from exporter.model.clock import from_us, iso
from exporter.sources.call_hours import HOUR_US
from exporter.sources.code_changes import Measure
from exporter.sources.projects import UNKNOWN_PROJECT
from exporter.views.code_numbers import CodeNumbers, code_numbers

GROUPS = ("day", "project", "language")
MEASURES = tuple(map(str, Measure))
Group = tuple[str, ...]


class CodeRow(CodeNumbers, total=False):
    """The numbers of one group, with its names under the keys by which the report is grouped."""

    day: str
    project: str
    language: str


class CodeReport(TypedDict):
    """A row for each group, and the total; a row of a language has lines alone. Hours are counted whole."""

    by: list[str]
    since: str
    until: str
    rows: list[CodeRow]
    total: CodeNumbers


def code_report(
    changes: Iterable[ProjectCode],
    by: Group,
    labels: Mapping[str, str],
    hours: range,
    zone: tzinfo | None = None,
) -> CodeReport:
    """The report on a range of hours: days in chronological order, and within them the most lines first."""
    groups: dict[Group, Counter[Measure]] = defaultdict(Counter)
    total: Counter[Measure] = Counter()
    for change in changes:
        names = _names(change, labels, zone)
        total[change.kind.measure] += change.number
        if names["language"] or "language" not in by:
            groups[tuple(names[name] for name in by)][change.kind.measure] += change.number
    ordered = sorted(groups.items(), key=lambda group: (_day(by, group[0]), -_lines(group[1]), group[0]))
    return {
        "by": list(by),
        "since": iso(hours.start * HOUR_US),
        "until": iso(hours.stop * HOUR_US),
        "rows": [{**dict(zip(by, names, strict=True)), **code_numbers(found)} for names, found in ordered],  # type: ignore[typeddict-item] # the keys are of GROUPS
        "total": code_numbers(total),
    }


def total_changes(changes: Iterable[ProjectCode]) -> CodeNumbers:
    """The sums over all changes."""
    total: Counter[Measure] = Counter()
    for change in changes:
        total[change.kind.measure] += change.number
    return code_numbers(total)


def _names(change: ProjectCode, labels: Mapping[str, str], zone: tzinfo | None) -> dict[str, str]:
    return {
        "day": from_us(change.kind.hour * HOUR_US).astimezone(zone).date().isoformat(),
        "project": labels.get(change.project, UNKNOWN_PROJECT),
        "language": change.kind.language,
    }


def _day(by: Group, names: Group) -> str:
    return names[by.index("day")] if "day" in by else ""


def _lines(found: Counter[Measure]) -> int:
    return found[Measure.LINES_ADDED] + found[Measure.LINES_REMOVED]
