"""Costs that lack something say so over HTTP: of sessions some of whose models have no known price."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.chatserver.world import Person, World, made_settings, made_world
from tests.support.partly_priced import (
    COMPLETE,
    COSTS,
    EACH,
    MIXED,
    OWN_EACH,
    PRICED,
    TOKENS,
    UNKNOWN,
    UNPRICED,
    count,
    own_prices,
    write_sessions,
)

Costs = dict[str, tuple[float | None, int]]


@pytest.fixture(params=["read", "counted"])
def mixed(request: pytest.FixtureRequest, world: World) -> Path:
    """The transcripts, before and after the exporter has counted them."""
    exporter = world.settings.exporter
    projects = Path(exporter.transcript_roots[0])
    write_sessions(projects)
    if request.param == "counted":
        count(exporter.data_dir, projects)
    return projects


def costs(sessions: list[dict[str, Any]]) -> Costs:
    return {one["session_uuid"]: (one["cost_usd"], one["unpriced_tokens"]) for one in sessions}


def snapshot(person: Person) -> dict[str, Any]:
    headers = {**person.headers, "Accept": "application/json"}
    found: dict[str, Any] = person.client.get("/api/metrics", headers=headers).json  # type: ignore[assignment] # an object
    return found


def test_sessions_have_the_same_costs_everywhere(mixed: Path, admin: Person) -> None:
    page = admin.get("/api/sessions").json
    assert costs(page["sessions"]) == COSTS
    total = page["total"]
    assert (total["cost_usd"], total["unknown_costs"], total["unpriced_tokens"]) == (2 * EACH, 1, 2 * TOKENS)
    found = snapshot(admin)
    assert costs(found["recent_sessions"]["newest"]) == costs(found["running"]["sessions"]) == COSTS
    for session in COSTS:
        assert costs([admin.get(f"/api/sessions/{session}").json["summary"]]).items() <= COSTS.items()
        assert costs([admin.get(f"/api/sessions/{session}/export").json["summary"]]).items() <= COSTS.items()


def test_sums_of_times_say_what_they_lack(mixed: Path, admin: Person) -> None:
    found, lacking = snapshot(admin), (2 * EACH, 2 * TOKENS)
    assert [(found[f"cost_{span}"], found[f"unpriced_tokens_{span}"]) for span in ("24h", "month")] == [lacking] * 2
    assert (found["quota"]["spent_last_hour_usd"], found["quota"]["unpriced_tokens_last_hour"]) == lacking
    ranges = [found["costs"]["24h"], admin.get("/api/history?since=48h").json["costs"]]
    for costs_of in ranges:
        assert (costs_of["cost_usd"], costs_of["unpriced_tokens"]) == lacking
        assert [(one["name"], one["cost_usd"], one["unpriced_tokens"]) for one in costs_of["by_model"]] == [
            (PRICED, 2 * EACH, 0), (UNPRICED, None, 2 * TOKENS),
        ]  # fmt: skip
        assert [bool(one["incomplete_slots"]) for one in costs_of["by_model"]] == [False, True]
        (project,) = costs_of["by_project"]
        assert project["unpriced_tokens"] == 2 * TOKENS
        assert project["incomplete_slots"]
    current = admin.get("/api/comparison?since=24h").json["current"]
    assert (current["cost_usd"], current["unpriced_tokens"]) == lacking
    ledger_lacks_nothing = admin.get("/api/comparison?since=2026-01-01&until=2026-01-02").json["current"]
    assert (ledger_lacks_nothing["cost_usd"], ledger_lacks_nothing["unpriced_tokens"]) == (0.0, 0)


def test_a_price_that_is_set_later_completes_every_cost(tmp_path: Path) -> None:
    settings = made_settings(tmp_path)
    projects = Path(settings.exporter.transcript_roots[0])
    write_sessions(projects)
    count(settings.exporter.data_dir, projects)
    own = replace(settings.exporter, prices_file=own_prices(tmp_path))
    with made_world(replace(settings, exporter=own)) as world:
        admin = world.person("root", "admin")
        completed = {MIXED: (EACH + OWN_EACH, 0), COMPLETE: (EACH, 0), UNKNOWN: (OWN_EACH, 0)}
        assert costs(admin.get("/api/sessions").json["sessions"]) == completed
        found = snapshot(admin)
        assert costs(found["recent_sessions"]["newest"]) == completed
        assert (found["cost_24h"], found["unpriced_tokens_24h"]) == (pytest.approx(2 * (EACH + OWN_EACH)), 0)
        assert found["costs"]["24h"]["cost_usd"] == found["cost_24h"]
        assert [one["name"] for one in found["costs"]["24h"]["by_model"]] == [UNPRICED, PRICED]
        exported = admin.get(f"/api/sessions/{MIXED}/export").json
        assert costs([exported["summary"]]) == {MIXED: completed[MIXED]}
        assert [one["cost_usd"] for one in exported["requests"]] == [EACH, OWN_EACH]
