"""The dashboard: live updates, details of sessions and tasks, and stopping tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.budgets import Budgets
from exporter.model.money import PICODOLLARS
from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, background, call, event, now_us
from tests.ui.browser import Browser, Page, by_role
from tests.ui.dashboard import (
    HOSTILE,
    SHOP,
    log_in_to_dashboard,
    logs,
    open_dashboard,
    running_tasks,
    start_task,
    task_of,
)
from tests.ui.site import Site, running_site
from tests.ui.synthetic_day import KNOWN_SESSION, write_known_session, write_random_sessions

NO_ACTIVITY = "text=No agent activity yet"


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Site]:
    """A site with a day of activity, and with budgets."""
    with running_site(tmp_path) as plain:
        settings = plain.settings
    transcripts = tmp_path / "projects"
    exporter = replace(
        settings.exporter,
        transcript_roots=(str(transcripts),),
        budgets=Budgets(day=20 * PICODOLLARS, month=15 * PICODOLLARS),
    )
    write_random_sessions(exporter.sessions_dirs[0], transcripts)
    write_known_session(exporter.sessions_dirs[0], transcripts, now_us() - 40 * MINUTE_US)
    with running_site(tmp_path, exporter=exporter) as site:
        site.add_user()
        site.add_user("root", "admin")
        yield site


@pytest.fixture
def overview(browser: Browser, site: Site) -> Iterator[Page]:
    page = open_dashboard(browser, site)
    yield page
    assert page.problems() == []
    assert page.foreign_requests() == []
    page.close()


def test_without_data_it_shows_setup_steps_until_the_first_activity(overview: Page, site: Site) -> None:
    overview.see(NO_ACTIVITY)
    overview.see("text=hookmeter hooks install")
    overview.check_accessibility("dashboard-empty")
    call(logs(site), "a-session", now_us(), took_ms=None, project_dir=SHOP)
    overview.see(".work-item >> text=web-shop")
    overview.see_gone(NO_ACTIVITY)


def test_a_new_hook_line_appears_without_a_reload(overview: Page, site: Site) -> None:
    root = logs(site)
    call(root, "a-session", now_us() - SECOND_US, took_ms=None, tool="Read", project_dir=SHOP)
    overview.see(".work-item .tool >> text=Read")
    call(root, "a-session", now_us(), tool="WebFetch", took_ms=5, error="getaddrinfo ENOTFOUND", project_dir=SHOP)
    overview.see(".tools >> text=WebFetch")
    overview.see(".latest >> text=getaddrinfo ENOTFOUND")
    overview.see(".categories >> text=network error")
    overview.see(".sessions .failed.bad >> text=1")


def test_what_runs_in_the_background_is_shown_next_to_calls_and_in_the_timeline(overview: Page, site: Site) -> None:
    at_us, agent = now_us() - 90 * SECOND_US, dict[str, Any](agent_id="a1", agent_type="Explore")
    event(logs(site), KNOWN_SESSION, "SessionStart", at_us, project_dir=SHOP)
    background(logs(site), KNOWN_SESSION, at_us)
    call(logs(site), KNOWN_SESSION, at_us + SECOND_US, tool="Grep", **agent)
    overview.see(".work-item .tool >> text=1 sub-agent")
    overview.see(".work-item .tool >> text=1 in background")
    overview.click(".work-item a")
    overview.see(".call.running >> text=Agent")
    overview.see_texts(".call .name", ["Agent", "Grep", "Bash"])
    overview.see_texts(".call .started", ["→ Explore"])
    overview.see_texts(".call .outcome", ["running", "running"])
    overview.see("text=1 in background, 1 sub-agent")
    event(logs(site), KNOWN_SESSION, "StopFailure", at_us + 60 * SECOND_US, **agent)
    overview.see(".call.error >> text=Agent")
    assert overview.texts(".call .duration")[0] == "60 s"
    overview.click(".call >> nth=0")
    overview.see("role=dialog >> text=Explore, error, 60 s")
    overview.check_accessibility("dashboard-background")


def test_a_task_can_be_stopped_and_restarted(overview: Page, site: Site) -> None:
    site.add_user("root", "admin")
    task = start_task(site, "hold this please")
    overview.see(".work-item.running >> text=hold this please")
    assert overview.texts(".work-item button") == []
    overview.click(by_role("button", "Log in"))
    overview.see("role=button[name='Back']")
    log_in_to_dashboard(overview, "root")
    overview.click(by_role("button", "Stop task: hold this please"))
    overview.see(f"role=status >> text=Task {task.task_id} stopped.")
    overview.see(".work-item.stopped >> text=hold this please")
    wait_for(lambda: task_of(site, task.task_id).server is None, "the task's process to end")
    assert task_of(site, task.task_id).status == "stopped"
    site.release()
    overview.click(by_role("button", "Restart task: hold this please"))
    overview.see(".work-item.completed >> text=hold this please")
    assert task_of(site, task.task_id).attempts == 2


def test_a_user_sees_figures_of_all_users_but_only_their_own_work(browser: Browser, site: Site) -> None:
    ann, _bob = site.add_user("annie"), site.add_user("bob")
    start_task(site, "hold on, bob cannot see this", ann)
    call(logs(site), "nobodys", now_us(), took_ms=5, error="a secret error", project_dir=SHOP)
    pages = {name: open_dashboard(browser, site) for name in ("annie", "bob")}
    for name, page in pages.items():
        page.click(by_role("button", "Log in"))
        log_in_to_dashboard(page, name)
        page.see(".glance >> text=Active tasks")
    pages["annie"].see(".work-item >> text=bob cannot see this")
    pages["bob"].see("text=No agents are running.")
    for page in pages.values():
        assert "a secret error" not in page.text("body")
        page.see_texts(".glance dl > :nth-child(1) b", ["1"])
        page.see(".errors .categories li")
        page.close()


def test_a_session_opens_to_its_timeline_at_a_url_to_share(browser: Browser, day: Site) -> None:
    page = open_dashboard(browser, day)
    page.fill(".sessions >> role=searchbox", KNOWN_SESSION[:8])
    page.click(f".sessions .rows a[title*='{KNOWN_SESSION}']")
    page.see(".call.answer")
    assert page.evaluate("location.search") == f"?session={KNOWN_SESSION}"
    names = page.texts(".call.tool .name")
    assert names[:10] == [
        "Read", "Task", "Grep", "Read", "Bash", "Task", "Read", "WebFetch", "Edit", "Bash",
    ]  # fmt: skip
    page.see_texts(".call .started", ["→ Explore", "→ reviewer"])
    buttons = "[...document.querySelectorAll('.call.tool button')]"
    depths = page.evaluate(f"{buttons}.map((one) => parseFloat(one.style.marginInlineStart) / 14)")
    assert depths[:10] == [0, 0, 1, 1, 1, 1, 2, 2, 0, 0]
    assert page.texts(".call .outcome")[-1] == "denied"
    assert page.texts(".call .name")[-1] == "Answer"
    assert all(cost.startswith("$") for cost in page.texts(".call.answer .cost"))
    page.check_accessibility("dashboard-session")
    page.click(".call.tool >> nth=9")
    page.see("role=dialog >> text=make test")
    page.see("role=dialog >> text=a hook")
    assert "hunter2" not in page.text("dialog")
    page.check_accessibility("dashboard-call")
    page.press("Escape")
    page.click("role=radio[name='Failed or denied 4']")
    page.wait_until("document.querySelectorAll('.call').length === 4")
    page.call("goBack")
    page.see(".glance")
    shared = open_dashboard(browser, day, f"/?session={KNOWN_SESSION}")
    shared.see(".call >> text=WebFetch")
    event(logs(day), KNOWN_SESSION, "UserPromptSubmit", now_us())
    call(logs(day), KNOWN_SESSION, now_us(), tool="Glob", took_ms=7)
    shared.evaluate("document.querySelector('.timeline .rows').scrollTo(0, 1e6)")
    shared.see(".call >> text=Glob")
    unknown = open_dashboard(browser, day, "/?session=none-such")
    unknown.see("role=alert >> text=No transcript and no hook log has this session")
    unknown_task = open_dashboard(browser, day, "/?task=none-such")
    unknown_task.see("role=alert >> text=There is no such task, or it is not yours.")
    for one in (page, shared, unknown, unknown_task):
        assert one.problems() == []
        one.close()


def test_a_session_without_a_transcript_has_an_unknown_cost(browser: Browser, day: Site) -> None:
    call(logs(day), "no-transcript", now_us(), project_dir="/home/dev/shop")
    page = open_dashboard(browser, day, "/?session=no-transcript")
    page.see("dd:text-is('unknown')")
    page.see("dd:text-is('hooks')")
    page.close()


def test_a_task_opens_to_its_error(browser: Browser, site: Site) -> None:
    task = start_task(site, "fail with a sentence")
    page = open_dashboard(browser, site)
    page.click(".work-item.failed a")
    page.see("role=heading[name='Error']")
    assert page.evaluate("location.search") == f"?task={task.task_id}"
    for name in ("Tokens", "Cost"):  # it has not reported any, which does not mean that it used none
        assert page.text(f".facts-row div:has(dt:text-is('{name}')) >> dd") == "unknown"
    page.check_accessibility("dashboard-task")
    assert page.problems() == []
    page.close()


def test_every_state_of_the_overview_is_accessible(browser: Browser, day: Site) -> None:
    for description in (
        "Find why the total of the cart is wrong\nhold",
        "Review how long billing keeps its locks\nhold",
        "fail now",
    ):
        start_task(day, description)
    wait_for(lambda: len(running_tasks(day)) == 2, "two tasks to run")
    page = open_dashboard(browser, day)
    page.click(by_role("button", "Log in"))
    log_in_to_dashboard(page, "root")
    page.see(".work-item.running")
    page.see(".costs canvas")
    page.check_accessibility("dashboard")
    page.screenshot("dashboard-whole", fullPage=True)
    for name in ("7 d", "30 d", "90 d"):
        page.click(f"role=radio[name='{name}']")
        page.see(".glance")
        page.check_accessibility(f"dashboard-{name.replace(' ', '')}")
    assert "range=90d" in page.evaluate("location.search")
    page.click("role=radio[name='24 h']")
    page.click(".categories button >> nth=0")
    page.see("text=Latest: ")
    page.click(".costs summary >> nth=0")
    page.see(".costs table >> nth=0")
    page.check_accessibility("dashboard-selected")
    assert page.problems() == []
    page.close()


def test_html_in_names_and_errors_stays_text(browser: Browser, site: Site) -> None:
    root = logs(site)
    project = f"/home/you/{HOSTILE.replace('/', '_')}"
    fields: dict[str, Any] = {
        "project_dir": project,
        "agent_id": HOSTILE,
        "agent_type": HOSTILE,
        "tool_input": {HOSTILE: HOSTILE},
    }
    call(root, "evil", now_us(), tool=HOSTILE, took_ms=5, error=HOSTILE, **fields)
    call(root, "evil", now_us(), tool=f"{HOSTILE} 2", took_ms=None, **fields)
    start_task(site, f"fail {HOSTILE}")
    start_task(site, f"hold {HOSTILE}")
    page = open_dashboard(browser, site)
    page.see(".work-item.running >> text=<img")
    page.see(".latest >> text=<img")
    page.see(".tools >> text=<img")
    page.check_accessibility("dashboard-hostile")
    page.click(".work-item.active a")
    page.click(".call button >> nth=0")
    page.see("role=dialog >> text=<img")
    page.press("Escape")
    page.call("goBack")
    page.click(".work-item.failed a")
    page.see("role=heading >> text=<img")
    assert page.evaluate("document.querySelectorAll('img, main script').length") == 0
    assert page.problems() == []
    page.close()
