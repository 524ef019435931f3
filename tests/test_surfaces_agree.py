"""Every surface shows the same costs, to the picodollar, and the same tokens that they lack.

The history is that of forty days of two accounts. Its ledger is complete, ends in the middle, or does not exist.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from exporter.model.money import PICODOLLARS
from exporter.terminal.amounts import dollars
from tests.chatserver.started import Started, started
from tests.exporter.commands.test_statusline_command import statusline
from tests.exporter.hooks.spent import NOON
from tests.exporter.mcp.test_mcp_command import answers
from tests.support.hookmeter_process import Home
from tests.support.messy_history import DAYS, MessyHistory
from tests.support.page import fetch, samples_of
from tests.support.synthetic_logs import now_us

Sum = tuple[int | None, int]  # picodollars, None if unknown, and tokens whose cost is not in them
SINCE = "45d"
COUNTED_UNTIL = "21d"  # of half a ledger
LEDGERS = ("complete", "half", "none")


@dataclass(frozen=True)
class Surfaces:
    """Everything that shows costs, and what the exporter had counted."""

    home: Home
    server: Started
    token: str
    page: dict[Any, float]
    ledger: str

    def printed(self, *words: str) -> Any:
        result = self.home.run(*words)
        assert result.returncode == 0, result
        return json.loads(result.stdout)

    def ask(self, path: str) -> Any:
        return self.server.ask(path, token=self.token)

    def command(self, text: str) -> Any:
        return self.server.ask("/api/commands", {"command": text}, self.token)

    def text(self, path: str) -> str:
        return fetch(self.server.addresses[-1] + path, 30, Authorization=f"Bearer {self.token}")


@pytest.fixture(scope="module", params=LEDGERS)
def surfaces(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surfaces]:
    path = tmp_path_factory.mktemp(request.param)
    accounts = [path / name for name in (".claude", "second")]
    home = Home(path).with_variables(TZ=NOON, CLAUDE_CONFIG_DIR=",".join(map(str, accounts)))
    history = MessyHistory(home.sessions, (accounts[0] / "projects", accounts[1] / "projects"), now_us())
    if request.param == "none":
        history.write()
        with serving(home) as server:
            yield Surfaces(home, server, server.registered(), {}, request.param)
        return
    history.write(last_day=20 if request.param == "half" else 0)
    with home.exporting() as exporter:
        page = samples_of(fetch(f"{exporter.url}/metrics", 30))
    if request.param == "half":
        history.write(first_day=19)
    with serving(home) as server:
        yield Surfaces(home, server, server.registered(), page, request.param)


@contextmanager
def serving(home: Home) -> Iterator[Started]:
    """A server that has read everything."""
    with started(home.environment(), "server", "--listen", "127.0.0.1:0") as server:
        yield server


def exact(usd: float | None) -> int | None:
    return None if usd is None else round(usd * PICODOLLARS)


def sum_of(row: dict[str, Any]) -> Sum:
    return exact(row["cost_usd"]), row["unpriced_tokens"]


def together(sums: Iterable[Sum]) -> Sum:
    listed = list(sums)
    known = [cost for cost, _ in listed if cost is not None]
    return sum(known) if known else None, sum(tokens for _, tokens in listed)


def by(surfaces: Surfaces, group: str, *words: str) -> dict[str, Sum]:
    return {row[group]: sum_of(row) for row in surfaces.printed("cost", "--json", "--by", group, *words)["rows"]}


def total(surfaces: Surfaces, *words: str) -> Sum:
    return sum_of(surfaces.printed("cost", "--json", *words)["total"])


def test_groups_of_the_cost_report_add_up(surfaces: Surfaces) -> None:
    whole = total(surfaces)
    assert whole[0]
    assert whole[1]
    for group in ("session", "day", "model", "project", "agent", "month", "hour", "block"):
        assert (group, together(by(surfaces, group).values())) == (group, whole)


def test_lists_of_sessions_have_the_costs_of_the_report(surfaces: Surfaces) -> None:
    costs = by(surfaces, "session")
    listed = {one["session_uuid"]: sum_of(one) for one in surfaces.printed("sessions", "--json", "--since", SINCE)}
    assert len(listed) > DAYS
    assert {session: cost for session, cost in listed.items() if cost != (None, 0)} == costs
    (answer,) = answers(surfaces.home, ("sessions", {"since": SINCE, "limit": 100}))
    assert {one["session_uuid"]: sum_of(one) for one in answer["sessions"]} == listed
    found: dict[str, Sum] = {}
    cursor, first = "", None
    while True:
        page = surfaces.ask(f"/api/sessions?since={SINCE}&limit=7{cursor}")
        first = first or page["total"]
        found |= {one["session_uuid"]: sum_of(one) for one in page["sessions"]}
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    if surfaces.ledger != "complete":  # the server itself reads those of the last 24 hours
        recent = {one["session_uuid"] for one in surfaces.printed("sessions", "--json")}
        counted = by(surfaces, "session", "--until", COUNTED_UNTIL) if surfaces.ledger == "half" else {}
        listed = {session: cost for session, cost in listed.items() if session in found}
        assert listed.keys() >= {*recent, *counted}
    assert found == listed
    unknown = sum(cost is None for cost, _ in listed.values())
    assert (sum_of(first), first["unknown_costs"], first["sessions"]) == (
        together(listed.values()),
        unknown,
        len(listed),
    )


def test_each_session_has_its_cost_on_its_page_and_in_its_exports(surfaces: Surfaces) -> None:
    listed = {one["session_uuid"]: one for one in surfaces.ask(f"/api/sessions?since={SINCE}&limit=1000")["sessions"]}
    for session, one in listed.items():
        path, cost = f"/api/sessions/{session}", sum_of(one)
        shown = surfaces.ask(path)
        assert (session, sum_of(shown["summary"])) == (session, cost)
        requests = surfaces.ask(f"{path}/requests")["requests"]
        assert (session, together(map(spent, requests))[0] or 0) == (session, cost[0] or 0)
        assert (session, together(map(spent, requests))[1]) == (session, cost[1])
        exported = surfaces.ask(f"{path}/export")
        assert (session, sum_of(exported["summary"])) == (session, cost)
        assert (session, exported["requests"]) == (session, requests)
        rows = [row for row in csv.DictReader(io.StringIO(surfaces.text(f"{path}/export?format=csv"))) if row["model"]]
        assert len(rows) == len(requests)
        if rows:
            last = rows[-1]
            assert (session, last["total_usd"]) == (session, "" if one["cost_usd"] is None else str(one["cost_usd"]))
            assert (session, int(last["total_unpriced_tokens"])) == (session, cost[1])
        markdown = surfaces.text(f"{path}/export?format=markdown")
        known = "unknown" if one["cost_usd"] is None else f"${one['cost_usd']:,.4f}"
        assert f"- Cost: `{known}" in markdown
        assert (f"that of {cost[1]:,} tokens" in markdown) == bool(cost[1])


def spent(request: dict[str, Any]) -> Sum:
    kinds = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    unpriced = sum(request[kind] for kind in kinds) if request["cost_usd"] is None else 0
    return exact(request["cost_usd"]), unpriced


def test_figures_of_ranges_are_those_of_the_report(surfaces: Surfaces) -> None:
    since = "30d" if surfaces.ledger == "none" else SINCE  # the server itself reads the costs of 33 days
    whole = total(surfaces, "--since", since)
    costs = surfaces.ask(f"/api/history?since={since}")["costs"]
    assert sum_of(costs) == whole
    for group, names in (("model", costs["by_model"]), ("project", costs["by_project"])):
        assert {one["name"]: sum_of(one) for one in names} == by(surfaces, group, "--since", since)
    compared = surfaces.ask(f"/api/comparison?since={since}")["current"]
    assert sum_of(compared) == whole
    row = surfaces.printed("cost", "--json", "--since", since)["total"]
    kinds = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    assert compared["tokens"] == sum(row[f"{kind}_tokens"] for kind in kinds)
    digest = surfaces.printed("digest", "--since", since, "--format", "json")
    assert now_of(digest["cost_usd"]) == whole
    assert {one["name"]: now_of(one) for one in digest["models"]} == by(surfaces, "model", "--since", since)
    (answer,) = answers(surfaces.home, ("cost", {"since": since, "by": "day"}))
    assert {row["day"]: sum_of(row) for row in answer["rows"]} == by(surfaces, "day", "--since", since)


def now_of(compared: dict[str, Any]) -> Sum:
    return exact(compared["now"]), compared["unpriced_tokens"]


def test_figures_of_now_are_those_of_the_report(surfaces: Surfaces) -> None:
    found = surfaces.ask("/api/metrics")
    days, months = by(surfaces, "day"), by(surfaces, "month")
    today, month = days[max(days)], months[max(months)]
    for span, right in (("24h", total(surfaces, "--since", "24h")), ("today", today), ("month", month)):
        assert (span, exact(found[f"cost_{span}"]), found[f"unpriced_tokens_{span}"]) == (span, *right)
    quota = surfaces.printed("quota", "--json")["periods"]
    assert [(exact(one["spent_usd"]), one["unpriced_tokens"]) for one in quota] == [today, month]
    reply = surfaces.command("/cost")
    assert exact(reply["data"]["cost_today"]) == today[0]
    if surfaces.ledger == "complete":
        assert today[0]
        mark = "≥ " if today[1] else ""
        assert statusline(surfaces.home, "{}").startswith(f"{mark}{dollars(found['cost_today'])} today")


def test_counters_are_the_totals_of_the_report(surfaces: Surfaces) -> None:
    if surfaces.ledger != "complete":
        return
    cost, unpriced = Counter[str](), Counter[str]()
    for (name, labels), value in surfaces.page.items():
        of = dict(labels)
        if name == "claude_cost_usd_total":
            cost[of["model"]] += exact(value) or 0
        elif name == "claude_unpriced_tokens_total":
            unpriced[of["model"]] += round(value)
    report = by(surfaces, "model")
    assert {model: (cost.get(model), unpriced[model]) for model in report} == report
