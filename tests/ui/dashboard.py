"""Helpers for tests of the dashboard: opening it, logging in, and starting tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chatserver.accounts.viewer import LOCAL_ADMIN, Viewer
from chatserver.tasks.records import NewTask, Task
from exporter.snapshot.work import TaskNow
from tests.chatserver.world import PASSWORD
from tests.e2e.processes import wait_for
from tests.ui.browser import Browser, Page, by_role
from tests.ui.site import USERNAME, Site, fill_log_in

SHOP = "/home/you/web-shop"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "hasTouch": True, "isMobile": True}
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def logs(site: Site) -> Path:
    """The directory of the site's hook logs."""
    return site.settings.exporter.sessions_dirs[0]


def open_dashboard(browser: Browser, site: Site, path: str = "/", **options: Any) -> Page:
    """The dashboard, logged out."""
    return browser.open(site.url, path, **{"viewport": {"width": 1280, "height": 900}, **options})


def log_in_to_dashboard(page: Page, name: str = USERNAME, password: str = PASSWORD) -> None:
    fill_log_in(page, name, password)
    page.see(by_role("button", "Log out"))


def start_task(site: Site, description: str, user: Viewer = LOCAL_ADMIN) -> Task:
    """Create a task, and wait until it is running or has ended."""
    task = site.services.manager.create(NewTask(user, description))
    wait_for(lambda: task_of(site, task.task_id).status != "pending", "the task to start")
    return task


def task_of(site: Site, task_id: str) -> Task:
    return site.services.manager.get(task_id, LOCAL_ADMIN)


def running_tasks(site: Site) -> list[TaskNow]:
    """The tasks in the snapshot."""
    return site.services.aggregator.get_metrics()["running"]["tasks"]
