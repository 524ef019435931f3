"""The keys of lines that long sessions have counted, in memory, so that a further line does not load all of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable

from exporter.counting.session_count import SessionCount
from exporter.ledger.seen_rows import MAX_SEEN_ROWS

MIN_KEYS = 2_000  # fewer are loaded in a millisecond
MAX_KEYS = 2_000_000  # of all sessions, each with 8 bytes
MIN_ADDED = 1_000


class StoredKeys:
    """The keys that the ledger has of a session, as hashes of 64 bits; `small_rows` is the number of its last rows."""

    __slots__ = ("_added", "_sorted", "small_rows")

    def __init__(self, keys: Iterable[str], small_rows: int) -> None:
        self.small_rows = small_rows
        self._sorted = array("q", sorted(map(hash, keys)))
        self._added: set[int] = set()

    def __len__(self) -> int:
        return len(self._sorted) + len(self._added)

    def __contains__(self, key: object) -> bool:
        number = hash(key)
        index = bisect_left(self._sorted, number)
        return self._sorted[index : index + 1] == array("q", (number,)) or number in self._added

    def add(self, keys: Iterable[str]) -> None:
        """Add the keys of a new row."""
        self._added.update(map(hash, keys))
        if len(self._added) > max(MIN_ADDED, len(self._sorted) // 16):
            self._sorted = array("q", sorted((*self._sorted, *self._added)))
            self._added = set()


class SeenKeys(set[str]):
    """The keys of a session: those of a batch, and those that the ledger has."""

    __slots__ = ("_stored",)

    def __init__(self, stored: StoredKeys) -> None:
        super().__init__()
        self._stored = stored

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._stored


class SeenCache:
    """The keys of the long sessions that were used last, as they were committed."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, StoredKeys] = OrderedDict()

    def find(self, session_id: str) -> StoredKeys | None:
        """The keys of a session; None if they are to be loaded."""
        stored = self._stored.get(session_id)
        if stored:
            self._stored.move_to_end(session_id)
        return stored

    def keep(self, session_id: str, stored: StoredKeys) -> None:
        """Keep the keys of a session, and forget those of others if there are too many."""
        self._stored[session_id] = stored
        while len(self._stored) > 1 and sum(map(len, self._stored.values())) > MAX_KEYS:
            self._stored.popitem(last=False)

    def add_committed(self, counts: Iterable[SessionCount]) -> None:
        """Add the new keys of sessions after they were committed."""
        for count in counts:
            stored = self._stored.get(count.session.session_id)
            if stored and count.pairing.new_seen:
                stored.add(count.pairing.new_seen)
                stored.small_rows = 1 if stored.small_rows > MAX_SEEN_ROWS else stored.small_rows + 1
