"""The titles of sessions, by who gave them."""

from __future__ import annotations

from enum import IntEnum


class TitleKind(IntEnum):
    """Who gave a title; of several, that of the first kind is shown."""

    CUSTOM = 0
    GENERATED = 1
    SUMMARY = 2


Titles = dict[tuple[str, TitleKind], str]  # by session and kind; the last line counts
