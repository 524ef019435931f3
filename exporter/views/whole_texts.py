"""A prompt or an answer as a whole, with secrets redacted."""

from __future__ import annotations

from typing import TypedDict

from exporter.model.text import encodable, readable_start
from exporter.views.redaction import redact_text

MAX_CHARACTERS = 100_000


class WholeText(TypedDict):
    """A text, redacted. `characters` is its length; one of more than 100,000 is cut, and not `complete`."""

    text: str
    characters: int
    complete: bool


def shown_text(text: str) -> WholeText:
    """The redacted text, up to a length."""
    is_whole = len(text) <= MAX_CHARACTERS
    shown = text if is_whole else readable_start(text, MAX_CHARACTERS - len(" …"))
    return {"text": redact_text(encodable(shown)), "characters": len(text), "complete": is_whole}
