"""The errors of failed calls, as they are shown."""

from __future__ import annotations

from exporter.model.text import encodable
from exporter.views.redaction import redact_text

TAGS = ("<tool_use_error>", "</tool_use_error>")  # around the errors of calls that Claude Code rejected


def shown_error(error: str) -> str:
    """The text of an error, redacted and without tags."""
    return redact_text(encodable(untagged(error)))


def untagged(error: str) -> str:
    """The text of an error without the tags that are meant for the model."""
    for tag in TAGS:
        error = error.replace(tag, "")
    return error
