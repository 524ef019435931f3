"""The boards by name, and the links between them, which keep the time range and the variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

TIME_AND_VARIABLES = "${__url_time_range}&${__all_variables}"


@dataclass(frozen=True, slots=True)
class BoardInfo:
    """A board's file name, its title, and the questions that it answers."""

    name: str
    title: str
    description: str

    @property
    def uid(self) -> str:
        """The board's uid in Grafana."""
        return f"hookmeter-{self.name}"


OVERVIEW = BoardInfo(
    "overview", "Overview", "Is everything working, what is running, what does it cost, and what is failing?"
)
COST = BoardInfo(
    "cost", "Cost and cache", "What does the work cost, will the budget hold, and what does the cache save?"
)
TOOLS = BoardInfo("tools", "Tools", "Which tools do agents call, how long do the calls take, and why do they fail?")
AGENTS = BoardInfo("agents", "Agents and workflows", "What do sub-agents do, how long do they run, what do they cost?")
TASKS = BoardInfo("tasks", "Tasks", "Do tasks start promptly, do they succeed, and what do they cost?")
QUOTA = BoardInfo(
    "quota", "Quota and API", "How much of the subscription's quota is used, will it last, and does the API answer?"
)
METER = BoardInfo("meter", "Meter health", "Is hookmeter itself healthy, and are its metrics complete?")
ALL_BOARDS = (OVERVIEW, COST, TOOLS, AGENTS, TASKS, QUOTA, METER)


def links_to_others(board: BoardInfo, server: str) -> list[DashboardLink]:
    """The links at the top of a board: to every other board, and to the chat server's live dashboard."""
    boards = [
        _link(other.title, f"/d/{other.uid}", other.description).keep_time(True).include_vars(True)
        for other in ALL_BOARDS
        if other is not board
    ]
    live = _link("Live", f"{server}/", "The live dashboard of the chat server").icon("bolt").target_blank(True)
    return [*boards, live]


def link_to(board: BoardInfo) -> DashboardLink:
    """A panel link to the board with the details."""
    return _link(f"Details: {board.title}", f"/d/{board.uid}?{TIME_AND_VARIABLES}", board.description)


def data_link(board: BoardInfo, variable: str, column: str, kept: Iterable[str]) -> dict[str, object]:
    """The link of a table cell: sets a variable of the board to the row's value in a column, and keeps the others."""
    others = "".join(f"&${{{name}:queryparam}}" for name in kept)
    url = f"/d/{board.uid}?${{__url_time_range}}&var-{variable}=${{__data.fields.{column}:percentencode}}{others}"
    return {"title": f"{board.title}: ${{__value.text}}", "url": url}


def _link(title: str, url: str, tooltip: str) -> DashboardLink:
    link = DashboardLink(title).type(DashboardLinkType.LINK).url(url).tooltip(tooltip).icon("dashboard")
    return link.as_dropdown(False).target_blank(False)
