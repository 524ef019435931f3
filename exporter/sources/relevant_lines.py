"""The lines of a transcript that may matter, chosen by their first bytes, without a search through their texts.

Claude Code writes the type first in lines of bookkeeping, which may be the longest of all (whole requests, snapshots of
files). Lines of the conversation start with identifiers; in those of attachments, the first object is the attachment.
"""

from __future__ import annotations

from collections.abc import Iterator

TYPE = b'{"type":"'
KINDS = (b"user", b"assistant", b"system", b"attachment", b"progress", b"cost-state", b"queue-operation")
RELEVANT = tuple(TYPE + kind + b'"' for kind in KINDS)
ATTACHMENT, QUEUED_PROMPT = b'"attachment":', b'"queued_command"'


def relevant_lines(data: bytes) -> Iterator[bytes]:
    """The lines that are neither blank nor recognized as bookkeeping or as attachments other than queued prompts."""
    find, start, size = data.find, 0, len(data)
    while start < size:
        end = find(b"\n", start)
        if end < 0:
            end = size
        text = data[start:end]
        if text and _is_relevant(text):
            yield text
        start = end + 1


def _is_relevant(text: bytes) -> bool:
    if text.startswith(TYPE):
        return text.startswith(RELEVANT)
    return not text.endswith(ATTACHMENT, 0, text.find(b"{", 1)) or QUEUED_PROMPT in text
