"""Each chart has its numbers as a table, and each of today's models has a color of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exporter.model.clock import now_us
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, iso
from tests.support.transcript_lines import assistant_line, usage, write
from tests.ui.browser import Browser, Page
from tests.ui.dashboard import PHONE, logs, open_dashboard
from tests.ui.site import Site
from tests.ui.synthetic_day import KNOWN_SESSION, write_known_session

MODELS = (
    "claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-5", "claude-opus-5-5", "claude-sonnet-4-5",
    "claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-haiku-5-5",
    "claude-fable-5",
)  # fmt: skip
MIN_DISTANCE = 0.045  # in OKLab, where 0.02 can be distinguished side by side
# The smallest distance between the colors of two models in the list of sessions.
CLOSEST_COLORS = """
(() => {
  const named = new Map([...document.querySelectorAll(".sessions .rows .model")]
    .map((cell) => [cell.textContent, getComputedStyle(cell.querySelector(".swatch")).backgroundColor]));
  const points = [...named.values()].map((color) => {
    const [l, chroma, hue] = color.match(/[\\d.]+/g).map(Number);
    return [l, chroma * Math.cos(hue * Math.PI / 180), chroma * Math.sin(hue * Math.PI / 180)];
  });
  const distance = (a, b) => Math.hypot(...a.map((one, axis) => one - b[axis]));
  const distances = points.flatMap((a, place) => points.slice(0, place).map((b) => distance(a, b)));
  return [named.size, Math.min(...distances)];
})()
"""


@pytest.fixture
def day(site: Site) -> Site:
    write_known_session(logs(site), site.directory / "projects", now_us() - 40 * MINUTE_US)
    return site


@pytest.fixture
def page(browser: Browser, day: Site) -> Iterator[Page]:
    page = open_dashboard(browser, day)
    page.see(".costs canvas")
    yield page
    assert page.problems() == []
    page.close()


def cells(page: Page, selector: str) -> list[list[str]]:
    """The texts of all cells of a table, by the row, once it is there: it is made after it is opened."""
    page.see(f"{selector} th")
    rows = f"[...document.querySelectorAll({json.dumps(f'{selector} tr')})]"
    found: list[list[str]] = json.loads(
        page.evaluate(f"JSON.stringify({rows}.map((row) => [...row.children].map((cell) => cell.textContent)))")
    )
    return found


def test_costs_are_a_table(page: Page) -> None:
    page.click(".costs summary >> nth=0")
    head, *rows = cells(page, ".costs .chart-table")
    assert (head, len(rows)) == (["From", "claude-opus-5-5"], 25)
    shown = sum(float(cost.removeprefix("$")) for _, cost in rows)
    assert shown == pytest.approx(float(page.text(".costs .total").removeprefix("$")), abs=0.02)


def test_trends_of_tools_are_a_table_on_all_screens(page: Page, browser: Browser, day: Site) -> None:
    phone = open_dashboard(browser, day, **PHONE)
    for one in (page, phone):
        one.click(".panel.tools summary")
        head, *rows = cells(one, ".panel.tools .chart-table")
        calls = {tool: sum(int(row[place]) for row in rows) for place, tool in enumerate(head) if place > 0}
        assert (calls["Bash"], calls["Read"], calls["WebFetch"]) == (4, 3, 1)
        one.check_accessibility("chart-tables")
    phone.close()


def test_a_click_on_calls_per_minute_shows_each_minute(page: Page) -> None:
    page.click("role=button[name=/Tool calls per minute in the last hour.*Show as table/]")
    head, *rows = cells(page, ".table-card")
    assert (head, len(rows)) == (["From", "Calls", "Failed"], 60)
    assert sum(int(calls) for _, calls, _ in rows) == 14
    page.check_accessibility("calls-per-minute")
    page.press("Escape")
    page.see_gone(".table-card")


def test_lanes_are_a_table(page: Page) -> None:
    page.goto(f"/?session={KNOWN_SESSION}")
    page.click(".lanes summary")
    head, *rows = cells(page, ".lanes .chart-table")
    assert head[:4] == ["Agent", "Calls", "Failed", "Denied or interrupted"]
    assert [row[:4] for row in rows] == [
        ["main", "8", "1", "1"],
        ["Explore", "4", "1", "0"],
        ["reviewer", "2", "1", "0"],
    ]
    page.check_accessibility("lanes-table")


def test_no_two_models_have_colors_that_look_alike(browser: Browser, site: Site) -> None:
    at_us = now_us() - MINUTE_US
    for number, model in enumerate(MODELS):
        said_at = iso(at_us + number * SECOND_US)
        fields: dict[str, Any] = {"sessionId": f"s{number}", "cwd": "/home/you/shop", "timestamp": said_at}
        line = assistant_line(number, usage(10, 50), model=model, **fields)
        write(Path(site.settings.exporter.transcript_roots[0]) / "-home-you-shop" / f"s{number}.jsonl", line)
    page = open_dashboard(browser, site)
    page.see(f".sessions .rows .model >> nth={len(MODELS) - 1}")
    for scheme in ("light", "dark"):
        page.use_color_scheme(scheme)
        found, closest = page.evaluate(CLOSEST_COLORS)
        assert (found, closest > MIN_DISTANCE) == (len(MODELS), True), closest
    page.close()
