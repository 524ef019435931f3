"""The real Claude Code, given work on the page, with a scripted model."""

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
from tests.ui.browser import Browser, named
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER


@pytest.fixture
def office(workplace: Workplace, tmp_path: Path) -> Iterator[Site]:
    """A server whose tasks the real Claude Code carries out."""
    settings = made_settings(tmp_path)
    exports = [f"export {name}={shlex.quote(value)}" for name, value in workplace.environment.items()]
    program = "\n".join(["#!/bin/sh", *exports, f'exec {shlex.quote(workplace.cli)} "$@"\n'])
    Path(settings.tasks.claude).write_text(program)
    tasks = replace(settings.tasks, workspaces=(workplace.project,), model=MODEL, permission_mode="acceptEdits")
    site = Site(tmp_path, replace(settings, tasks=tasks))
    site.start()
    try:
        site.person()
        yield site
    finally:
        site.stop()


def test_it_answers_with_what_it_cost_and_ends_when_it_is_stopped(browser: Browser, office: Site) -> None:
    page = office.entered(browser)
    send(page, "script:overloaded")
    page.see(ANSWER)
    [task] = office.here.manager.list(TaskFilter(), LOCAL_ADMIN).tasks
    assert task.status is TaskStatus.COMPLETED
    assert task.cost_usd > 0
    page.see(f"{ANSWER} >> text=tokens")
    page.shot("real-answer")
    send(page, "script:slow")
    page.see(".working >> text=Uses Bash")
    wait_for((office.settings.tasks.workspaces[0] / "started").exists, "the command to run")
    page.click(f".working >> {named('button', 'Stop')}")
    page.see("text=The task was stopped.")
    found = TaskFilter((TaskStatus.STOPPED,))
    wait_for(lambda: office.here.manager.list(found, LOCAL_ADMIN).tasks, "the task to be stopped")
    assert page.trouble() == []
    page.on("close")
