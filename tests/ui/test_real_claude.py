"""The chat with the real Claude Code, whose model API is scripted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatserver.accounts.viewer import LOCAL_ADMIN
from chatserver.tasks.records import TaskFilter, TaskStatus
from tests.chatserver.world import made_settings
from tests.e2e.processes import wait_for
from tests.e2e.workplace import MODEL, Workplace
from tests.ui.browser import Browser, by_role
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER


@pytest.fixture
def real_site(workplace: Workplace, tmp_path: Path) -> Iterator[Site]:
    """A server that runs tasks with the real Claude Code."""
    settings = made_settings(tmp_path)
    exports = [f"export {name}={shlex.quote(value)}" for name, value in workplace.environment.items()]
    program = "\n".join(["#!/bin/sh", *exports, f'exec {shlex.quote(workplace.cli)} "$@"\n'])
    Path(settings.tasks.claude).write_text(program)
    tasks = replace(settings.tasks, workspaces=(workplace.project,), model=MODEL, permission_mode="acceptEdits")
    site = Site(tmp_path, replace(settings, tasks=tasks))
    site.start()
    try:
        site.add_user()
        yield site
    finally:
        site.stop()


def test_it_answers_with_a_cost_and_can_be_stopped(browser: Browser, real_site: Site) -> None:
    page = real_site.open_chat(browser)
    send(page, "script:overloaded")
    page.see(ANSWER)
    [task] = real_site.services.manager.list(TaskFilter(), LOCAL_ADMIN).tasks
    assert task.status is TaskStatus.COMPLETED
    assert task.cost_picodollars > 0
    page.see(f"{ANSWER} >> text=tokens")
    page.screenshot("real-answer")
    send(page, "script:slow")
    page.see(".working >> text=Using Bash")
    wait_for((real_site.settings.tasks.workspaces[0] / "started").exists, "the command to run")
    page.click(f".working >> {by_role('button', 'Stop')}")
    page.see("text=The task was stopped.")
    found = TaskFilter((TaskStatus.STOPPED,))
    wait_for(lambda: real_site.services.manager.list(found, LOCAL_ADMIN).tasks, "the task to be stopped")
    assert page.problems() == []
    page.close()
