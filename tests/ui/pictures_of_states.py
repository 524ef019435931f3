"""Pictures of what the pages show where there is nothing to show, or where something fails."""

from __future__ import annotations

import json

from tests.ui.browser import Browser, Page
from tests.ui.pictured import Running, open_page, running, save, take
from tests.ui.site import log_in, send

SIZE = (760, 430)
SCALE = 1.0
REFUSED = "The database does not answer; try again in 10 seconds."


def take_empty(browser: Browser, _: Running) -> None:
    with running() as empty:
        page = open_page(browser, empty.server, "/", (760, 640), scale=SCALE)
        page.see(".getting-started >> text=hooks install")
        _show_home_as_yours(page, empty.home)
        save(page, "state-empty")


def take_no_results(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.server, "/?search=blockchain", SIZE, scale=SCALE)
    page.see("text=Nothing found.")
    save(page, "state-no-results")


def take_range_that_fails(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.server, "/", (760, 560), scale=SCALE)
    page.see(".panel.tools")
    with page.refusing("**/api/history*", 503, REFUSED):
        page.click("label:has-text('30 d')")
        page.see(".glance[role=alert]")
        take(page, "state-range")
    page.close()


def take_not_found(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.server, "/dashbord", (760, 330), scale=SCALE)
    page.see("h1:has-text('Page not found')")
    save(page, "state-not-found")


def take_server_away(browser: Browser, demo: Running) -> None:
    """Pages that are open while the server is stopped."""
    dashboard = open_page(browser, demo.server, "/", SIZE, scale=SCALE)
    dashboard.see(".panel.tools")
    chat = open_page(browser, demo.server, "/chat", (820, 430), scale=SCALE)
    log_in(chat, *demo.account)
    chat.click("a:has-text('Which queries')")
    chat.see(".message >> text=Three queries hold their locks")
    demo.stop()
    dashboard.see("text=Reconnecting…")
    save(dashboard, "state-away")
    chat.see("text=Reconnecting…")
    send(chat, "And which of them are the slowest?")
    chat.see("text=Sending…")
    save(chat, "state-chat-away")


def _show_home_as_yours(page: Page, home: str) -> None:
    replaced = f"word.textContent = word.textContent.replace({json.dumps(home)}, '/home/you')"
    page.evaluate(f"document.querySelectorAll('.word').forEach((word) => {{ {replaced}; }})")


STATES = (take_empty, take_no_results, take_range_that_fails, take_not_found, take_server_away)
