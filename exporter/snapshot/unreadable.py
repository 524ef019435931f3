"""The log of what the server cannot read: a line when a path becomes unreadable, and one when it can be read again."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.model.log import logger
from exporter.snapshot.live_sessions import LiveSessions
from exporter.snapshot.live_spending import LiveSpending

log = logger(__name__)


class UnreadableLog:
    """Logs each path once, until the reason changes or there is none any more."""

    def __init__(self) -> None:
        self._logged: dict[str, str] = {}

    def note(self, live: LiveSessions, spending: LiveSpending | None) -> None:
        """Compare what could not be read with what was logged, unless a reading has not ended yet."""
        if live.is_reading or (spending and spending.is_reading):
            return
        costs = spending.unreadable if spending else {}
        self._log(costs | {path: f"{path} cannot be read ({reason})." for path, reason in live.unreadable.items()})

    def _log(self, sentences: Mapping[str, str]) -> None:
        for path, sentence in sentences.items():
            if self._logged.get(path) != sentence:
                log.warning("%s What it has is missing in figures and lists.", sentence)
        for path in self._logged.keys() - sentences:
            log.warning("%s can be read again.", path)
        self._logged = dict(sentences)
