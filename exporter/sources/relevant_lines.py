"""The lines of a transcript that may matter, recognized by their first bytes, without a search through their texts.

Claude Code writes the type first in lines of bookkeeping, which may be the longest of all (whole requests, snapshots of
files). Lines of the conversation start with identifiers; in those of attachments, the first object is the attachment.
"""

from __future__ import annotations

TYPE = b'{"type":"'
KINDS = (
    b"user", b"assistant", b"system", b"attachment", b"progress", b"cost-state", b"queue-operation", b"ai-title",
    b"custom-title", b"summary", b"continued-in",
)  # fmt: skip
RELEVANT = tuple(TYPE + kind + b'"' for kind in KINDS)
ATTACHMENT, QUEUED_PROMPT = b'"attachment":', b'"queued_command"'
MESSAGE, OF_USER, SEARCHES = b'"message":', b'{"role":"user",', b'"searchCount":'


def is_relevant(text: bytes) -> bool:
    """Whether a line is neither blank nor recognized as bookkeeping or as an attachment other than a queued prompt."""
    if text.startswith(TYPE):
        return text.startswith(RELEVANT)
    if text.endswith(ATTACHMENT, 0, text.find(b"{", 1)):
        return QUEUED_PROMPT in text
    return not text.isspace()


def may_have_spending(text: bytes) -> bool:
    """Whether a relevant line may report spending: of the lines of the user, only the results of searches do."""
    first = text.find(b"{", 1)
    is_of_user = text.startswith(OF_USER, first) and text.endswith(MESSAGE, 0, first)
    return not is_of_user or SEARCHES in text
