"""Text from logs, made fit to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def shown_text(text: str) -> str:
    """The text without lone surrogates, which no encoder accepts."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def shortened(text: str, max_characters: int) -> str:
    """The text where it is no longer than that; else its start and an ellipsis, together as long."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + "…"


def listed(items: Iterable[object]) -> str:
    """The items as a comma-separated list."""
    return ", ".join(map(str, items))
