"""What was read from the files of sessions, kept until a session has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from exporter.views.session_list import ListedSession

Item = TypeVar("Item")
Version = tuple[str, str, int]  # a session's id, the time of its last line, and the number of its failed calls


class Found(NamedTuple, Generic[Item]):
    """What was found in a session; nothing if its files are deleted."""

    items: tuple[Item, ...]
    has_files: bool


class SessionCache(Generic[Item]):
    """Keeps up to a number of items, and of sessions without any. Thread-safe."""

    def __init__(self, read: Callable[[ListedSession], Found[Item]], max_kept: int) -> None:
        self._read = read
        self._max_kept = max_kept
        self._lock = threading.Lock()  # guards the two below
        self._kept: OrderedDict[Version, Found[Item]] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """The number of items and sessions that are kept."""
        return self._size

    def known(self, session: ListedSession) -> Found[Item] | None:
        """What was found in a session; None if it was not read as it is now."""
        version = _version(session)
        with self._lock:
            if version in self._kept:
                self._kept.move_to_end(version)
            return self._kept.get(version)

    def read(self, session: ListedSession) -> Found[Item]:
        """Read a session, and keep what is found."""
        version, found = _version(session), self._read(session)
        with self._lock:
            if version not in self._kept:
                self._kept[version] = found
                self._size += 1 + len(found.items)
            while len(self._kept) > 1 and self._size > self._max_kept:
                _, dropped = self._kept.popitem(last=False)
                self._size -= 1 + len(dropped.items)
        return found


def _version(session: ListedSession) -> Version:
    return session["session_uuid"], session["last_activity_at"], session["error_count"]
