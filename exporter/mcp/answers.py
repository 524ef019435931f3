"""What agents can ask: the figures of the commands of the same names, as JSON. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exporter.counting.blocks import Blocks
from exporter.counting.budgets import Budgets
from exporter.hooks_reader import HooksReader
from exporter.ledger.reading import read_ledger, read_ledger_or_empty
from exporter.ledger.session_pages import PageOf, SessionFilter, Sort
from exporter.model.clock import now_us
from exporter.model.errors import UserError
from exporter.model.since import parse_range, parse_since
from exporter.prices.table import PriceTable
from exporter.reports.cost_filter import CostFilter
from exporter.reports.cost_groups import BLOCK, GROUPS, Grouping
from exporter.reports.cost_report import report
from exporter.reports.cost_source import CostSource
from exporter.reports.quota_report import quota_report
from exporter.reports.recent_messages import RECENT_US, by_slot, recent_messages
from exporter.reports.session_records import SessionSource
from exporter.search.documents import KINDS
from exporter.search.view import SearchRequest, search_page
from exporter.sources.files import absolute
from exporter.sources.quotas import Quotas
from exporter.views.calls_page import calls_page

MAX_SESSIONS = 100
MAX_CALLS = 200
MAX_RESULTS = 50


class QuestionError(UserError):
    """What an agent asks for cannot be answered; the message says how to ask."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers from hook logs, transcripts, the ledger and the search index.

    Costs are limited to sessions of the directories of transcripts if somebody has chosen them.
    """

    sessions_dirs: tuple[Path, ...]
    transcript_roots: tuple[str, ...]
    is_limited: bool
    data_dir: Path
    prices: PriceTable
    budgets: Budgets

    def cost(  # noqa: PLR0913, PLR0917 - they are the tool's arguments
        self,
        since: str = "24h",
        until: str = "",
        by: str = "model",
        project: str = "",
        model: str = "",
        agent: str = "",
        session: str = "",
    ) -> str:
        """Report what Claude Code's usage cost, in US dollars. An unknown cost is null.

        since and until are 7d, 12h, 30m or a date such as 2026-11-28. by lists what to group by, separated by commas:
        hour, day, week, month, block, model, project, agent, session, branch, skill, mcp_server, speed, region.
        project, model and agent are names in which * is any text; session is the start of a UUID.
        """
        now = now_us()
        groups = tuple(dict.fromkeys(name.strip().replace("-", "_") for name in by.split(",")))
        if unknown := [name for name in groups if name not in GROUPS]:
            raise QuestionError(f"Costs cannot be grouped by {', '.join(unknown)}; use some of {', '.join(GROUPS)}.")
        names = map(_named, (project, model, agent, session))
        wanted = CostFilter(*parse_range(since, until or None, now), *names)
        source = CostSource(self.data_dir, self.transcript_roots, self.is_limited, self.prices)
        read = source.read(0 if BLOCK in groups else wanted.since_us)
        blocks = Blocks.of(message.time_us for message in read.messages if BLOCK in groups)
        end_us = now if wanted.until_us is None else wanted.until_us
        found = report(wanted.admitted(read.messages), Grouping(groups, None, blocks), wanted.since_us, end_us)
        return _json({**found, "warnings": read.warnings})

    def sessions(  # noqa: PLR0913, PLR0917 - likewise
        self,
        since: str = "24h",
        project: str = "",
        model: str = "",
        agent: str = "",
        failed: bool = False,
        sort: Sort = "last_activity",
        limit: int = 20,
    ) -> str:
        """List sessions: title, project, models, status, calls, failed calls, tokens and cost, the newest first.

        since is 7d, 12h or a date; project, model and agent are names in which * is any text; failed selects sessions
        with failed calls.
        """
        wanted = SessionFilter(
            since_us=parse_since(since, now_us()), project=project or None, model=model or None, agent=agent or None,
            failed=failed or None,
        )  # fmt: skip
        page = PageOf(sort=sort, is_descending=True, limit=_bounded(limit, MAX_SESSIONS))
        with self._session_source() as source:
            return _json({"sessions": source.listed(wanted, page)})

    def session(self, uuid: str, cursor: int = 0, limit: int = 50) -> str:
        """Show all that is known of a session by its UUID or the start of it, and a page of its tool calls.

        next_cursor is the cursor of the next page, null on the last one. Of a session whose files are deleted, only the
        numbers of its calls are known.
        """
        with self._session_source() as source:
            records = source.starting_with(uuid) if uuid else []
            if len(records) != 1:
                raise QuestionError(f"{len(records) or 'No'} sessions start with {uuid!r}; list them with sessions.")
            found = source.reader.get_session_calls(records[0]["session_uuid"]) if records[0]["files"] else None
            calls, project = (found.calls, found.project) if found else ([], "")
            shown = calls_page(calls, project, max(0, cursor), _bounded(limit, MAX_CALLS))
            return _json({**records[0], "tools": shown.items, "next_cursor": shown.next_cursor})

    def search(self, words: str, since: str = "", kind: str = "", limit: int = 20, cursor: int = 0) -> str:
        """Find prompts, commands, file paths, errors and answers of all sessions that have all words, best first.

        words may have "phrases", beginnings of words as deplo*, and filters: project:shop, tool:Bash,
        session:0f63ea0a. kind is one of prompt, command, path, error and answer; since is 7d, 12h or a date.
        """
        if kind and kind not in KINDS:
            raise QuestionError(f"There is no kind {kind!r}; use one of {', '.join(KINDS)}.")
        text = f"{words} kind:{kind}" if kind else words
        since_us = parse_since(since, now_us()) if since else 0
        request = SearchRequest(text, since_us=since_us, limit=_bounded(limit, MAX_RESULTS), cursor=max(0, cursor))
        return _json(search_page(self.data_dir, request))

    def quota(self) -> str:
        """Report how much of both windows of a subscription and of the budgets is used, and their forecasts."""
        now = now_us()
        with read_ledger(self.data_dir) as ledger:
            messages = recent_messages(ledger, self.transcript_roots, self.prices, now - RECENT_US)
            spent = by_slot(messages.all())
        quotas = Quotas(absolute(self.sessions_dirs))
        quotas.refresh()
        return _json(quota_report(quotas.current(now), spent, self.budgets, now))

    @contextmanager
    def _session_source(self) -> Iterator[SessionSource]:
        first, *others = self.sessions_dirs
        reader = HooksReader(first, others, transcript_roots=self.transcript_roots)
        with read_ledger_or_empty(self.data_dir) as ledger:
            yield SessionSource(reader, self.transcript_roots, self.prices, ledger)


def _named(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _bounded(limit: int, most: int) -> int:
    return min(max(1, limit), most)


def _json(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False)
