"""The rows of `seen`: new keys are appended as a row, and once there are many, all are rewritten as one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from exporter.counting.rules import SessionCount

MAX_SEEN_ROWS = 32


class SeenRow(msgspec.Struct, frozen=True, gc=False):
    """A row of `seen`: keys of lines that were counted, one per text line."""

    session_id: str
    keys: str

    @classmethod
    def of(cls, count: SessionCount) -> SeenRow:
        """The row of the keys of a session that are to be written."""
        return cls(count.session.session_id, "\n".join(unwritten_keys(count)))


def is_compacted(count: SessionCount) -> bool:
    """Whether the keys of a session lie in so many rows that they are rewritten as one."""
    return count.seen_rows > MAX_SEEN_ROWS


def unwritten_keys(count: SessionCount) -> Iterable[str]:
    """The keys of a session that are to be written."""
    return count.pairing.seen if is_compacted(count) else count.pairing.new_seen
