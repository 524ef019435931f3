"""Which messages a report on costs is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from exporter.counting.spending import CountedMessage


@dataclass(frozen=True, slots=True)
class CostFilter:
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
        project, model, agent = map(_pattern, (self.projects, self.models, self.agents))
        return [
            message
            for message in messages
            if message.time_us >= self.since_us
            and (self.until_us is None or message.time_us < self.until_us)
            and project.fullmatch(message.origin.project)
            and model.fullmatch(message.origin.model)
            and agent.fullmatch(message.origin.agent)
            and message.origin.session.startswith(self.sessions or "")
        ]


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """What matches any of the names, in upper or lower case."""
    alternatives = (".*".join(map(re.escape, name.split("*"))) for name in names or ("*",))
    return re.compile("|".join(alternatives), re.DOTALL | re.IGNORECASE)
