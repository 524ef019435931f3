"""The dashboard in a browser, and what makes something happen on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.records import NewTask, Task
from exporter.snapshot.work import TaskNow
from tests.chatserver.world import PASSWORD
from tests.e2e.processes import wait_for
from tests.ui.browser import Browser, Page, named
from tests.ui.site import NAME, Site

SHOP, API = "/home/you/web-shop", "/home/you/billing-api"
SMALL: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "hasTouch": True, "isMobile": True}
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def logs(site: Site) -> Path:
    """Where the hook logs of a site are."""
    return site.settings.exporter.sessions_dirs[0]


def look(browser: Browser, site: Site, path: str = "/", **options: Any) -> Page:
    """The dashboard as somebody at this machine sees it, who is not logged in."""
    given = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options}
    page = Page(browser, browser.tell("open", options=given), site.url)
    page.on("goto", f"{site.url}{path}")
    return page


def enter(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    """Log in, on the page that asks for it."""
    page.fill("role=textbox[name='Name']", name)
    page.fill("input[type=password]", password)
    page.click("button[type=submit]")
    page.see(named("button", "Log out"))


def give(site: Site, description: str, user_id: str = LOCAL_ADMIN.user_id) -> Task:
    """Give an agent something to do, and wait until it is at it, or has done it."""
    task = site.here.manager.create(NewTask(user_id, description))
    wait_for(lambda: task_of(site, task.task_id).status != "pending", "the task to begin")
    return task


def task_of(site: Site, task_id: str) -> Task:
    return site.here.manager.get(task_id, LOCAL_ADMIN)


def told(site: Site) -> list[TaskNow]:
    """The tasks that the snapshot tells of."""
    return site.here.aggregator.get_metrics()["running"]["tasks"]
