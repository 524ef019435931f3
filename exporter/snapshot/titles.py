"""The titles of the sessions that run or wait: those of the list of sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Protocol

from exporter.counting.session_count import SessionCount
from exporter.ledger.schema_functions import title_line
from exporter.model.text import encodable
from exporter.snapshot.waiting import TitledWaiting, WaitingNow
from exporter.snapshot.work import Running, SessionNow

_line = lru_cache(maxsize=1000)(title_line)  # redaction takes longer than all the rest


class TitleSource(Protocol):
    """Where titles are read from: the ledger, and the transcripts that it has not read."""

    def titles(self, session_ids: Collection[str], /) -> dict[str, str]:
        """The titles of some sessions, or else their first prompts."""


def titles_of(
    shown: Iterable[WaitingNow | SessionNow], visible: Iterable[SessionCount], source: TitleSource | None
) -> dict[str, str]:
    """The redacted titles of the sessions that are shown, by id.

    Where there is no title, as where transcripts are not read, it is the first prompt in the hook log.
    """
    wanted = {one["session_uuid"] for one in shown}
    prompts = {
        count.session.session_id: count.first_prompt[1] if count.first_prompt else ""
        for count in visible
        if encodable(count.session.session_id) in wanted
    }
    titles = source.titles(prompts) if source else {}
    return {encodable(one): _line(titles.get(one) or prompt) for one, prompt in prompts.items()}


def waits_with_titles(waits: Iterable[WaitingNow], titles: Mapping[str, str]) -> list[TitledWaiting]:
    """The sessions that wait, with their titles."""
    return [{**one, "title": titles.get(one["session_uuid"], "")} for one in waits]


def work_with_titles(work: Running, titles: Mapping[str, str]) -> Running:
    """Running work with the titles of its sessions."""
    sessions: list[SessionNow] = [{**one, "title": titles.get(one["session_uuid"], "")} for one in work["sessions"]]
    return {**work, "sessions": sessions}
