"""How pages look: theme, clock, colors, and that they fit screens of every width."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exporter.model.clock import now_us
from tests.support.synthetic_logs import MINUTE_US, call
from tests.ui.browser import COLOR_SCHEMES, Browser, Page, by_role
from tests.ui.dashboard import SHOP, log_in_to_dashboard, logs, open_dashboard, start_task
from tests.ui.site import Site, running_site
from tests.ui.synthetic_day import KNOWN_SESSION, write_known_session, write_random_sessions

WIDTHS = (390, 768, 1440)
NOWHERE = "/no/such/page"
MIN_CONTRAST = 3.0  # WCAG 1.4.11, of graphics
SHOWN_THEME = "getComputedStyle(document.body).backgroundColor === 'rgb(20, 23, 26)' ? 'dark' : 'light'"
# The lowest contrast of any color by name to the cards on which charts and swatches are, and its hue and shade.
LOWEST_CONTRAST = """
(() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (color) => {
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element) => getComputedStyle(element).backgroundColor;
  const card = luminance(backgroundOf(document.querySelector(".panel")));
  const probe = document.body.appendChild(document.createElement("i"));
  let lowest = [99];
  for (let shade = 0; shade < 3; shade++) for (let hue = 0; hue < 360; hue++) {
    probe.className = `named shade-${shade}`;
    probe.style.setProperty("--hue", hue);
    const [dark, light] = [card, luminance(backgroundOf(probe))].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < lowest[0]) lowest = [contrast, hue, shade];
  }
  probe.remove();
  return lowest;
})()
"""


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Site]:
    """A site with a day of activity."""
    write_random_sessions(tmp_path / "logs", tmp_path / "projects")
    write_known_session(tmp_path / "logs", tmp_path / "projects", now_us() - 40 * MINUTE_US)
    with running_site(tmp_path) as site:
        site.add_user("root", "admin")
        yield site


def choose(page: Page, option: str) -> None:
    page.click("role=button[name='Appearance']")
    page.click(f".menu-card >> role=radio[name='{option}']")
    page.press("Escape")
    page.see_gone(".menu-card")


def shown_theme(page: Page) -> str:
    found: str = page.evaluate(SHOWN_THEME)
    return found


def test_a_chosen_theme_holds_on_every_page_from_its_first_byte(browser: Browser, site: Site) -> None:
    page = open_dashboard(browser, site)
    page.use_color_scheme("light")
    page.see("text=No agent activity yet")
    choose(page, "Dark")
    assert shown_theme(page) == "dark"
    for path in ("/", "/chat", NOWHERE):
        page.goto(path)
        html = page.evaluate(f"fetch({path!r}, {{ headers: {{ Accept: 'text/html' }} }}).then((one) => one.text())")
        assert 'data-theme="dark"' in html
        assert shown_theme(page) == "dark"
    page.goto("/chat")
    choose(page, "System")
    assert shown_theme(page) == "light"
    page.use_color_scheme("dark")
    assert shown_theme(page) == "dark"
    choose(page, "Light")
    assert shown_theme(page) == "light"
    assert page.evaluate("document.querySelector('meta[name=theme-color]').content") == "rgb(247, 246, 242)"
    assert page.problems() == []
    page.close()


def test_the_clock_is_that_of_the_browser_until_24_hours_are_chosen(browser: Browser, day: Site) -> None:
    page = open_dashboard(browser, day, locale="en-US")
    page.see(".latest time >> nth=0")
    is_12_hours = "/[AP]M/.test(document.querySelector('.latest time').innerText)"
    assert page.evaluate(is_12_hours)
    times = page.texts("time")
    assert not [text for text in times if re.search(r"\b0\d:\d\d", text)]  # 9:05 AM, not 09:05 AM
    choose(page, "24 h")
    assert not page.evaluate(is_12_hours)
    page.goto("/")
    page.see(".latest time >> nth=0")
    assert not page.evaluate(is_12_hours)
    assert page.problems() == []
    page.close()


def test_a_thing_has_the_same_color_everywhere_and_on_every_load(browser: Browser, day: Site) -> None:
    colors = """Object.fromEntries([...document.querySelectorAll('.legend li, .tools tbody th')].map((one) =>
        [one.innerText.split('\\n')[0], getComputedStyle(one.querySelector('.swatch')).backgroundColor]))"""
    page = open_dashboard(browser, day)
    page.see(".legend >> nth=1")
    page.see(".tools th:has-text('WebFetch')")
    page.see_gone("text=Still reading")
    day_colors = page.evaluate(f"JSON.stringify({colors})")
    page.click("role=radio[name='7 d']")
    page.see("text=last 7 days, per 6 hours")
    assert page.evaluate(f"JSON.stringify({colors})") == day_colors
    page.goto("/")
    page.see(".legend >> nth=1")
    assert page.evaluate(f"JSON.stringify({colors})") == day_colors
    assert page.evaluate(f"new Set(Object.values({colors})).size === Object.keys({colors}).length")
    page.see(".sessions .model:has-text('opus-5-5')")
    model_color = """getComputedStyle([...document.querySelectorAll('.sessions .rows .model, .facts-row .model')]
        .find((one) => one.innerText.includes('opus-5-5')).querySelector('.swatch')).backgroundColor"""
    assert page.evaluate(model_color) == json.loads(day_colors)["claude-opus-5-5"]
    page.goto(f"/?session={KNOWN_SESSION}")
    page.see(".facts-row .model")
    assert page.evaluate(model_color) == json.loads(day_colors)["claude-opus-5-5"]
    page.close()


@pytest.mark.parametrize("scheme", COLOR_SCHEMES)
def test_every_color_by_name_stands_out(browser: Browser, day: Site, scheme: str) -> None:
    page = open_dashboard(browser, day)
    page.use_color_scheme(scheme)
    page.see(".panel >> nth=0")
    lowest, *where = page.evaluate(LOWEST_CONTRAST)
    assert lowest >= MIN_CONTRAST, where
    page.close()


def test_tiles_of_tasks_are_shown_to_those_who_have_tasks(browser: Browser, site: Site) -> None:
    call(logs(site), "a-session", now_us(), took_ms=5, project_dir=SHOP)
    page = open_dashboard(browser, site)
    page.see(".glance >> text=Active sessions")
    assert not any("tasks" in text for text in page.texts(".glance dt"))
    start_task(site, "quick")
    page.see(".glance >> text=Active tasks")
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits_in_both_themes(browser: Browser, day: Site, width: int) -> None:
    start_task(day, "Find why the total of the cart is wrong\nhold")
    screen: dict[str, Any] = {"viewport": {"width": width, "height": 844}}
    page = open_dashboard(browser, day, **screen)
    page.see(".costs canvas")
    page.check_accessibility(f"overview-{width}")
    page.screenshot(f"overview-whole-{width}", fullPage=True)
    assert page.evaluate(
        "[...document.querySelectorAll('.tools .scroll')].every((one) => one.scrollWidth <= one.clientWidth)"
    )
    page.click("role=button[name='Appearance']")
    page.see(".menu-card")
    page.check_accessibility(f"appearance-{width}")
    page.press("Escape")
    page.click(by_role("button", "Log in"))
    page.see("role=heading[name='Log in to hookmeter']")
    page.check_accessibility(f"dashboard-log-in-{width}")
    log_in_to_dashboard(page, "root")
    for path, seen, name in (
        (f"/?session={KNOWN_SESSION}", ".timeline .call >> nth=0", "session"),
        ("/?session=none-such", "role=alert", "unknown-session"),
        ("/chat", "#message", "chat"),
        (NOWHERE, "role=heading[name='Page not found']", "not-found"),
    ):
        page.goto(path)
        page.see(seen)
        page.check_accessibility(f"{name}-{width}")
    page.close()
