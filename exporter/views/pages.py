"""Pages of views: only the items of the requested page are converted and redacted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

PAGE_BYTES = 2_000_000

Item = TypeVar("Item")
View = TypeVar("View")


class Page(NamedTuple, Generic[View]):
    """The views of a page and the cursor of the next; None on the last page."""

    items: list[View]
    next_cursor: int | None


def page_of(items: Sequence[Item], view_of: Callable[[Item], View], cursor: int, limit: int) -> Page[View]:
    """The views of items from the cursor on: at most `limit`, and at most PAGE_BYTES of JSON, but at least one."""
    shown: list[View] = []
    size = 0
    for item in items[cursor : cursor + limit]:
        view = view_of(item)
        size += len(msgspec.json.encode(view))
        if shown and size > PAGE_BYTES:
            break
        shown.append(view)
    end = cursor + len(shown)
    return Page(shown, end if end < len(items) else None)
