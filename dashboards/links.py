"""The boards by name, and the ways between them: every way carries the time and the variables along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

TIME_AND_VARIABLES = "${__url_time_range}&${__all_variables}"


@dataclass(frozen=True, slots=True)
class Place:
    """A board: its file's name, its title, and the question that it answers."""

    name: str
    title: str
    question: str

    @property
    def uid(self) -> str:
        """What Grafana knows it by."""
        return f"hookmeter-{self.name}"


OVERVIEW = Place("overview", "Overview", "Is it working, what runs now, what does it cost, what is failing?")
COST = Place("cost", "Cost and cache", "What is spent on what, does the budget hold, and what is the cache worth?")
TOOLS = Place("tools", "Tools", "What do agents do, how long does it take, and why does it fail?")
AGENTS = Place("agents", "Agents and workflows", "What do sub-agents do, how long does it take, and what does it cost?")
TASKS = Place("tasks", "Tasks", "Do tasks run soon, end well, and cost what they should?")
QUOTA = Place("quota", "Quota", "What is left of the subscription's windows, and does it last until they begin anew?")
METER = Place("meter", "Meter health", "Is the meter itself to be believed?")
PLACES = (OVERVIEW, COST, TOOLS, AGENTS, TASKS, QUOTA, METER)


def others(place: Place, server: str) -> list[DashboardLink]:
    """The links at the top of a board: to every other board, and to the chat server's own dashboard."""
    boards = [
        _link(other.title, f"/d/{other.uid}", other.question).keep_time(True).include_vars(True)
        for other in PLACES
        if other is not place
    ]
    return [*boards, _link("Live", f"{server}/", "The chat server's own page").icon("bolt").target_blank(True)]


def to(place: Place) -> DashboardLink:
    """The link in a panel's corner to the board that tells more."""
    return _link(f"More: {place.title}", f"/d/{place.uid}?{TIME_AND_VARIABLES}", place.question)


def narrowed(place: Place, variable: str, field: str, kept: Iterable[str]) -> dict[str, object]:
    """The link of a table's cell to a board on what the cell's row names, with the other variables as they are."""
    others = "".join(f"&${{{name}:queryparam}}" for name in kept)
    url = f"/d/{place.uid}?${{__url_time_range}}&var-{variable}=${{__data.fields.{field}}}{others}"
    return {"title": f"{place.title}: ${{__value.text}}", "url": url}


def _link(title: str, url: str, tooltip: str) -> DashboardLink:
    link = DashboardLink(title).type(DashboardLinkType.LINK).url(url).tooltip(tooltip).icon("dashboard")
    return link.as_dropdown(False).target_blank(False)
