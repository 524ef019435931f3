"""Which messages a report on costs is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from exporter.counting.messages import CountedMessage

FAR_US = 1 << 63  # after every time


class CostFilter(msgspec.Struct, frozen=True):
    """The wanted names, in which `*` is any text, and starts of session ids; an empty tuple admits all.

    Times are microseconds since the epoch, `until_us` is exclusive.
    """

    since_us: int = 0
    until_us: int | None = None
    projects: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()

    def admitted(self, messages: Iterable[CountedMessage]) -> list[CountedMessage]:
        """The messages that the report is about."""
        until_us = FAR_US if self.until_us is None else self.until_us
        found = [message for message in messages if self.since_us <= message.time_us < until_us]
        if self.sessions:
            found = [message for message in found if message.origin.session.startswith(self.sessions)]
        for name, names in (("project", self.projects), ("model", self.models), ("agent", self.agents)):
            if names:
                matches = _pattern(names).fullmatch
                found = [message for message in found if matches(getattr(message.origin, name))]
        return found


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """What matches any of the names, in upper or lower case."""
    alternatives = (".*".join(map(re.escape, name.split("*"))) for name in names)
    return re.compile("|".join(alternatives), re.DOTALL | re.IGNORECASE)
