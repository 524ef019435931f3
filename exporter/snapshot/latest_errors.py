"""The latest failed tool calls, with redacted and shortened error texts."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from operator import attrgetter
from typing import NamedTuple, TypedDict

from exporter.model.clock import iso
from exporter.model.sessions import Session
from exporter.model.text import encodable, shortened
from exporter.snapshot.call_window import EndedCall
from exporter.views.errors import shown_error

MAX_KEPT = 200
MAX_SHOWN = 30
MAX_TEXT = 300


class LatestError(TypedDict):
    """A failed call. Its error text is redacted, and has at most 300 characters."""

    ended_at: str
    session_uuid: str
    project: str
    tool: str
    agent: str
    category: str
    error: str


class _Failed(NamedTuple):
    """A failed call with its session and its redacted error text."""

    call: EndedCall
    session: Session
    text: str

    @property
    def ended_us(self) -> int:
        return self.call.ended_us


class LatestErrors:
    """Keeps the newest failed calls, which may be added in any order."""

    def __init__(self) -> None:
        self._failed: list[_Failed] = []

    def add_failed_call(self, call: EndedCall, session: Session, text: str) -> None:
        """Add a failed call with its error text, unless it is older than all that are kept."""
        if len(self._failed) == MAX_KEPT and call.ended_us <= self._failed[0].ended_us:
            return
        insort(
            self._failed,
            _Failed(call, session, shortened(shown_error(text), MAX_TEXT)),
            key=attrgetter("ended_us"),
        )
        del self._failed[:-MAX_KEPT]

    def drop_before(self, before_us: int) -> None:
        """Remove the calls that ended before a time."""
        self._failed = [failed for failed in self._failed if failed.ended_us >= before_us]

    def shown(self, labels: Mapping[str, str]) -> list[LatestError]:
        """All kept calls, the newest first, with the labels of their projects."""
        return [_shown(failed, labels) for failed in reversed(self._failed)]


def _shown(failed: _Failed, labels: Mapping[str, str]) -> LatestError:
    call, session = failed.call, failed.session
    return {
        "ended_at": iso(call.ended_us),
        "session_uuid": encodable(session.session_id),
        "project": encodable(labels.get(session.project, "")),
        "tool": call.tool,
        "agent": call.agent,
        "category": call.category.value if call.category else "",
        "error": failed.text,
    }
