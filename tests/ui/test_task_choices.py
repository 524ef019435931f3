"""What people choose for a task in the message box of the chat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.records import Task, TaskFilter
from exporter.model.money import PICODOLLARS
from tests.chatserver.world import made_settings
from tests.e2e.processes import wait_for
from tests.ui.browser import Browser
from tests.ui.site import Site, running_site, send


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server with two workspaces, an agent, and limits."""
    settings = made_settings(tmp_path)
    shop, docs = tmp_path / "work" / "shop", tmp_path / "work" / "docs"
    for workspace in (shop, docs):
        workspace.mkdir(parents=True)
    (shop / ".claude" / "agents").mkdir(parents=True)
    (shop / ".claude" / "agents" / "reviewer.md").write_text("---\nname: reviewer\n---\n")
    tasks = replace(
        settings.tasks, workspaces=(shop, docs), model="claude-sonnet-5", permission_mode="acceptEdits",
        models=("claude-opus-5", "haiku"), max_budget=5 * PICODOLLARS,
    )  # fmt: skip
    with running_site(tmp_path, tasks=tasks) as site:
        site.add_user()
        yield site


def latest_task(site: Site, count: int) -> Task:
    def look() -> Task | None:
        tasks = site.services.manager.list(TaskFilter(), LOCAL_ADMIN).tasks
        return tasks[0] if len(tasks) == count else None

    return wait_for(look, f"{count} tasks")


def test_everything_that_is_allowed_can_be_chosen(browser: Browser, site: Site, tmp_path: Path) -> None:
    page = site.open_chat(browser)
    page.see(".choices summary >> text=claude-sonnet-5")
    page.see(".choices summary >> text=Accept edits")
    page.click(".choices summary")
    page.call("selectOption", "claude-opus-5", selector="role=combobox[name='Model']")
    page.call("selectOption", "plan", selector="role=combobox[name='Permission mode']")
    page.call("selectOption", {"label": "docs"}, selector="role=combobox[name='Workspace']")
    page.fill("role=combobox[name='Agent']", "reviewer")
    page.fill("role=spinbutton[name='Budget in US$']", "1.5")
    assert page.texts("role=combobox[name='Permission mode'] >> option") == [
        "Default: Accept edits", "Plan only", "Allowed tools only", "Manual approval",
    ]  # fmt: skip
    page.check_accessibility("task-choices")
    send(page, "hello")
    page.see("text=You said: hello")
    task = latest_task(site, 1)
    chosen = (task.model, task.permission_mode, task.workspace, task.agent, task.max_budget_picodollars)
    assert chosen == ("claude-opus-5", "plan", str(tmp_path / "work" / "docs"), "reviewer", 3 * PICODOLLARS // 2)
    assert page.call("isDisabled", selector="role=combobox[name='Workspace of this conversation']")
    send(page, "again")
    page.see("text=You said: again")
    assert latest_task(site, 2).workspace == task.workspace
    assert page.problems() == []
    page.close()


def test_a_choice_that_the_server_refuses_is_explained_and_can_be_changed(browser: Browser, site: Site) -> None:
    page = site.open_chat(browser)
    page.click(".choices summary")
    page.fill("role=combobox[name='Agent']", "two words")
    send(page, "hello")
    page.see("role=alert >> text=Invalid agent name 'two words'; write one such as code-reviewer.")
    page.fill("role=combobox[name='Agent']", "")
    page.click("role=button[name='Retry']")
    page.see("text=You said: hello")
    page.close()


def test_the_choices_fit_a_phone(browser: Browser, site: Site) -> None:
    page = site.open_chat(browser, viewport={"width": 390, "height": 800})
    page.click(".choices summary")
    page.see("role=combobox[name='Model']")
    page.check_accessibility("task-choices-phone")
    page.close()
