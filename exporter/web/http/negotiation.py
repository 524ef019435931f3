"""Content negotiation by the Accept headers of a client."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OPENMETRICS = "application/openmetrics-text"
OPENMETRICS_VERSIONS = (None, "1.0.0")
TEXT = "text/plain"
TEXT_VERSIONS = (None, "0.0.4")
TEXT_WILDCARDS = ("text/*", "*/*")


@dataclass(frozen=True, slots=True)
class AcceptEntry:
    """An entry of an Accept header: its value, its weight from 0 to 1 and its other parameters."""

    value: str
    weight: float
    parameters: Mapping[str, str]


def wants_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics 1.0.0 is accepted by name, and text 0.0.4 is not preferred."""
    entries = parse_accept(accept)
    openmetrics = _weight(entries, (OPENMETRICS,), OPENMETRICS_VERSIONS)
    if not openmetrics:
        return False
    text = _weight(entries, (TEXT,), TEXT_VERSIONS)
    if text is None:
        text = _weight(entries, TEXT_WILDCARDS, TEXT_VERSIONS)
    return openmetrics >= (text or 0.0)


def wants_gzip(accept_encoding: str) -> bool:
    """Whether gzip is accepted, and uncompressed bytes are not preferred."""
    weights = {entry.value: entry.weight for entry in parse_accept(accept_encoding)}
    gzip = weights.get("gzip", weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def parse_accept(header: str) -> tuple[AcceptEntry, ...]:
    """The entries of a header of the Accept family, in order."""
    return tuple(_parse_entry(entry) for entry in header.lower().split(",") if entry.strip())


def _parse_entry(entry: str) -> AcceptEntry:
    value, *rest = (part.strip() for part in entry.split(";"))
    pairs = (part.partition("=") for part in rest)
    parameters = {name.strip(): text.strip().strip('"') for name, _, text in pairs}
    return AcceptEntry(value, _parse_weight(parameters.pop("q", "1")), parameters)


def _parse_weight(text: str) -> float:
    """The weight; an invalid one counts as 0, which is not accepted."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _weight(entries: Iterable[AcceptEntry], values: Iterable[str], versions: Iterable[str | None]) -> float | None:
    """The highest weight among the values; None if no entry names one."""
    matching = (e.weight for e in entries if e.value in values and e.parameters.get("version") in versions)
    return max(matching, default=None)
