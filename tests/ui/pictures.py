"""Write the pictures in docs from the pages of the demo: `make pictures`."""

from __future__ import annotations

import sys
from shutil import which

from tests.ui.browser import Browser, chromium
from tests.ui.pictured import Running, open_page, running, save
from tests.ui.pictures_of_states import STATES
from tests.ui.site import fill_log_in

# A session with sub-agents and errors.
FIND_SESSION = """
fetch("/api/sessions?since=24h&status=completed&failed=true&limit=100").then((response) => response.json())
    .then(({ sessions }) => sessions.find((one) => one.agents.length > 2 && one.error_count > 3).session_uuid)
"""


def take_landing(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.exporter, "/", (820, 700))
    save(page, "landing")


def take_dashboard(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.server, "/", (1280, 1512))
    page.see(".work-item.failed")
    page.see(".work-item.completed >> nth=2")
    page.see(".tools canvas >> nth=1")
    save(page, "dashboard")


def take_session(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.server, "/", (1280, 860), "dark")
    session = page.evaluate(FIND_SESSION)
    page.goto(f"/?session={session}")
    page.see(".timeline-legend")
    page.see(".call >> nth=16")
    save(page, "session")


def take_chat(browser: Browser, demo: Running) -> None:
    page = open_page(browser, demo.server, "/chat", (1000, 780))
    fill_log_in(page, *demo.account)
    page.click("a:has-text('Why is the total of a cart')")
    page.see(".message table")
    page.see("summary:has-text('steps')")
    page.fill("#message", "Add the cases of the last report to the tests")
    save(page, "chat")


PICTURES = (take_landing, take_dashboard, take_session, take_chat, *STATES)  # the last of STATES stops the demo


def main() -> None:
    program = which("chromium") or sys.exit("chromium is not installed; the pictures are taken with it")
    with running("--demo") as demo, chromium(program) as browser:
        for take in PICTURES:
            take(browser, demo)


if __name__ == "__main__":
    main()
