"""Text from logs, prepared for output."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def shown_text(text: str) -> str:
    """The text with lone surrogates, which no encoder accepts, replaced by U+FFFD."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def literal(text: str) -> str:
    """The text as a terminal shows it literally: without control characters and lone surrogates."""
    return "".join(c if c.isprintable() else " " for c in text)


def shortened(text: str, max_characters: int) -> str:
    """The text, cut and ended with an ellipsis if it is longer than the maximum."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + "…"


def listed(items: Iterable[object]) -> str:
    """The items as a comma-separated list."""
    return ", ".join(map(str, items))
