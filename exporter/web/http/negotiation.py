"""What a client accepts, read from its Accept headers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OPENMETRICS = "application/openmetrics-text"
OPENMETRICS_VERSIONS = (None, "1.0.0")
TEXT = "text/plain"
TEXT_VERSIONS = (None, "0.0.4")
TEXT_WILDCARDS = ("text/*", "*/*")


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of an Accept header: its value, its weight from 0 to 1 and its other parameters."""

    value: str
    weight: float
    parameters: Mapping[str, str]


def wants_openmetrics(accept: str) -> bool:
    """Tell whether OpenMetrics 1.0.0 was asked for by name, and text 0.0.4 is not liked better."""
    choices = parse_accept(accept)
    openmetrics = _weight(choices, (OPENMETRICS,), OPENMETRICS_VERSIONS)
    if not openmetrics:
        return False
    text = _weight(choices, (TEXT,), TEXT_VERSIONS)
    if text is None:
        text = _weight(choices, TEXT_WILDCARDS, TEXT_VERSIONS)
    return openmetrics >= (text or 0.0)


def wants_gzip(accept_encoding: str) -> bool:
    """Tell whether gzip is allowed, and the plain bytes are not liked better."""
    weights = {choice.value: choice.weight for choice in parse_accept(accept_encoding)}
    gzip = weights.get("gzip", weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def parse_accept(header: str) -> tuple[Choice, ...]:
    """Return the entries of any header of the Accept family, in their order."""
    return tuple(_choice(entry) for entry in header.lower().split(",") if entry.strip())


def _choice(entry: str) -> Choice:
    value, *rest = (part.strip() for part in entry.split(";"))
    pairs = (part.partition("=") for part in rest)
    parameters = {name.strip(): text.strip().strip('"') for name, _, text in pairs}
    return Choice(value, _parse_weight(parameters.pop("q", "1")), parameters)


def _parse_weight(text: str) -> float:
    """Return the weight; one that cannot be read counts as not accepted."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _weight(choices: Iterable[Choice], values: Iterable[str], versions: Iterable[str | None]) -> float | None:
    """Return the highest weight among these values, None when no entry names one."""
    fitting = (c.weight for c in choices if c.value in values and c.parameters.get("version") in versions)
    return max(fitting, default=None)
