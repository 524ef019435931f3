"""Text from logs and paths, prepared for where it goes.

| to | by | what it cannot take |
|---|---|---|
| JSON and UTF-8 files | `encodable` | lone surrogates |
| a terminal, a log | `printable`, `indented` | characters that control, reorder or hide text, and line breaks |
| a label of a metric | `label_value` | the same, and any length |
| the ledger, as a path | `path_text` | lone surrogates, but different paths stay different |
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_LABEL_CHARACTERS = 128
VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))  # what secrets consist of


def encodable(text: str) -> str:
    """The text with lone surrogates, which no encoder accepts, replaced by U+FFFD."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def is_storable(text: str) -> bool:
    """Whether every database and encoder accepts the text: it has neither a NUL nor a lone surrogate."""
    return "\0" not in text and not LONE_SURROGATE.search(text)


def printable(text: str) -> str:
    """The text on one line, with a space for each control, bidirectional, zero-width or unassigned character."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def indented(text: str) -> str:
    """The lines of a text, each printable and indented."""
    return "\n".join(f"  {printable(line)}" for line in text.splitlines())


def label_value(text: str) -> str:
    """The text as the value of a label: printable, and bounded in length."""
    return printable(text[:MAX_LABEL_CHARACTERS])


def path_text(path: str) -> str:
    """The path as text that UTF-8 can encode, whatever bytes it contains; different paths stay different."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()


def shortened(text: str, max_characters: int) -> str:
    """The text, cut and ended with an ellipsis if it is longer than the maximum."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + "…"


def readable_start(text: str, max_characters: int) -> str:
    """The text up to a maximum, cut between two words, so that no half of a secret escapes redaction."""
    if len(text) <= max_characters:
        return text
    return f"{text[:max_characters].rstrip(VISIBLE_ASCII).rstrip()} …"


def listed(items: Iterable[object]) -> str:
    """The items as a comma-separated list."""
    return ", ".join(map(str, items))
