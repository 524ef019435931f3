"""The errors of failed calls, as they are shown."""

from __future__ import annotations

from exporter.model.text import encodable
from exporter.views.redaction import redact_text

TAG, END_TAG = "<tool_use_error>", "</tool_use_error>"  # around the errors of calls that Claude Code rejected


def shown_error(error: str) -> str:
    """The text of an error, redacted and without the tags around it, which are meant for the model."""
    return redact_text(encodable(untagged(error)))


def untagged(error: str) -> str:
    """The text of an error without the tags around it; a command may have printed others."""
    return error.removeprefix(TAG).removesuffix(END_TAG)
