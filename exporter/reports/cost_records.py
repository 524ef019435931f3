"""What a report on costs is made of."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from exporter.counting.messages import CountedMessage
from exporter.model.api_health import ApiEvent
from exporter.model.cost_states import CostState
from exporter.sources.files import LogFile


class Listed(NamedTuple):
    """The transcripts of a project, and those of sessions of the time in question that are to be read."""

    directory: str
    files: list[LogFile]
    unread: list[LogFile]


class CostRecords(msgspec.Struct):
    """Messages and API events, each once by its key, and the cost-states of sessions.

    `parents` has the session that each fork was copied from, `unreadable` the reason for each path that could not be
    read.
    """

    messages: dict[int, CountedMessage] = msgspec.field(default_factory=dict)
    api_events: dict[int, ApiEvent] = msgspec.field(default_factory=dict)
    cost_states: list[CostState] = msgspec.field(default_factory=list)
    parents: dict[str, str] = msgspec.field(default_factory=dict)
    unreadable: dict[str, str] = msgspec.field(default_factory=dict)

    def note_unreadable(self, path: str, error: OSError) -> None:
        """Note why a path cannot be read."""
        self.unreadable[error.filename or path] = error.strerror or ""
