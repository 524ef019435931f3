"""The documents of the search index: what can be found, with secrets redacted before it is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from exporter.model.text import encodable
from exporter.views.errors import untagged
from exporter.views.redaction import redact_text

MAX_CHARACTERS = 4_000
# A secret is recognized as a whole only: more is redacted than is kept, and what is near the cut is dropped.
MARGIN_CHARACTERS = 4_000
# The sequences by which programs color terminals and name their windows, and all other control characters.
CONTROLS = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,999}(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


class Kind(IntEnum):
    """What a document is; the values are stored."""

    PROMPT = 1
    COMMAND = 2
    PATH = 3
    ERROR = 4
    ANSWER = 5

    @property
    def word(self) -> str:
        """The kind as people write it."""
        return self.name.lower()


KINDS = {kind.word: kind for kind in Kind}


class Text(NamedTuple):
    """A text as a line has it, unredacted."""

    kind: Kind
    text: str
    tool: str = ""
    time_us: int | None = None


class Document(NamedTuple):
    """A redacted text of a session; `project` is its path, `agent` wrote or received it."""

    session: str
    project: str
    agent: str
    kind: Kind
    tool: str
    time_us: int
    text: str


def documents(texts: Iterator[Text], session: str, project: str, agent: str, default_us: int) -> Iterator[Document]:
    """The documents of the texts that are not blank; those without a time have the default."""
    for kind, text, tool, time_us in texts:
        if kept := redacted(untagged(text) if kind is Kind.ERROR else text):
            when_us = default_us if time_us is None else time_us
            yield Document(
                encodable(session), encodable(project), encodable(agent), kind, encodable(tool), when_us, kept
            )


def redacted(text: str) -> str:
    """The beginning of a text without secrets and without control characters but tabs and line breaks."""
    limit = MAX_CHARACTERS + MARGIN_CHARACTERS
    # Controls go first: one within a secret would hide it from the rules, and from the eye.
    shown = redact_text(CONTROLS.sub("", encodable(text[:limit])))
    if len(text) > limit:
        shown = shown[:-MARGIN_CHARACTERS]
    return shown[:MAX_CHARACTERS].strip()
