"""Names of models: what gateways, Bedrock and Vertex add to them, and which of them ask for inference in one region."""

from __future__ import annotations

import re
from collections.abc import Iterator

WINDOW = re.compile(r"\[\w+\]$")  # the context window that was requested
PATH = re.compile(r".*/")  # of a gateway, a Bedrock ARN or a Vertex resource
BEDROCK = re.compile(r"^(?:[a-z-]+\.)?anthropic\.")
VERSION = re.compile(r"-v\d+(?::\d+)?(?::\w+)?$")
DATE = re.compile(r"[-@]\d{8}$|@default$")
# On Bedrock, every name but a `global.` one; of Vertex, only a whole resource name has the location.
ONE_REGION = re.compile(r"(?:^|/)(?!global\.)(?:[a-z-]+\.)?anthropic\.|(?:^|/)locations/(?!global/)")
LOCATION = re.compile(r"(?:^|/)locations/([\w-]+)/")
PREFIX = re.compile(r"(?:^|/)([a-z-]+)\.anthropic\.")
ARN = re.compile(r"^arn:[\w-]+:bedrock:([\w-]+):")


def without_window(name: str) -> str:
    """The name in lower case, without the requested window."""
    return WINDOW.sub("", name.strip().lower())


def bare_name(name: str) -> str:
    """A model's name without what gateways, Bedrock and Vertex add to it, and without the requested window."""
    return BEDROCK.sub("", PATH.sub("", without_window(name)))


def asks_for_one_region(name: str) -> bool:
    """Whether the name asks for inference in one region, instead of anywhere."""
    return ONE_REGION.search(without_window(name)) is not None


def region(name: str) -> str:
    """The region of Bedrock or Vertex in a name, such as `eu` or `europe-west1`; empty if it has none."""
    plain = without_window(name)
    return next((found[1] for pattern in (LOCATION, PREFIX, ARN) if (found := pattern.search(plain))), "")


def spellings(name: str) -> tuple[str, ...]:
    """The names to look up for a model, its full name first; those of a Claude model also without version and date."""
    plain = without_window(name)
    forms = (name.strip().lower(), plain, PATH.sub("", plain), bare_name(name))
    return tuple(dict.fromkeys(spelling for form in forms for spelling in _shortened(form)))


def _shortened(name: str) -> Iterator[str]:
    yield name
    if bare_name(name).startswith("claude-"):
        unversioned = VERSION.sub("", name)
        yield from (unversioned, DATE.sub("", unversioned))
