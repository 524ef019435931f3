"""The dashboard at work: what happens shows by itself, opens to its timeline, and can be ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exporter.counting.budgets import Budgets
from exporter.model.money import PICODOLLARS
from tests.e2e.processes import wait_for
from tests.support.synthetic_logs import MINUTE_US, SECOND_US, call, event, now_us
from tests.ui.browser import SHOTS, Browser, Page, named
from tests.ui.made_day import STARTED, make_days, make_session
from tests.ui.overview import HOSTILE, SHOP, enter, give, logs, look, task_of, told
from tests.ui.site import Site, made_site

NONE = "text=No agent has been heard of yet"


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Site]:
    """A site that has seen a day, with budgets."""
    with made_site(tmp_path) as plain:
        settings = plain.settings
    transcripts = tmp_path / "projects"
    exporter = replace(
        settings.exporter,
        transcript_roots=(str(transcripts),),
        budgets=Budgets(day=20 * PICODOLLARS, month=15 * PICODOLLARS),
    )
    make_days(exporter.sessions_dirs[0], transcripts)
    make_session(exporter.sessions_dirs[0], transcripts, now_us() - 40 * MINUTE_US)
    with made_site(tmp_path, exporter=exporter) as site:
        site.person()
        site.person("root", "admin")
        yield site


@pytest.fixture
def overview(browser: Browser, site: Site) -> Iterator[Page]:
    page = look(browser, site)
    yield page
    assert page.trouble() == []
    assert page.elsewhere() == []
    page.on("close")


def test_with_no_data_it_says_what_to_do_and_fills_by_itself(overview: Page, site: Site) -> None:
    overview.see(NONE)
    overview.see("text=hookmeter hooks install")
    overview.check_access("dashboard-empty")
    call(logs(site), "a-session", now_us(), took_ms=None, project_dir=SHOP)
    overview.see(".job >> text=web-shop")
    overview.miss(NONE)


def test_a_hook_line_that_is_appended_shows_by_itself(overview: Page, site: Site) -> None:
    root = logs(site)
    call(root, "a-session", now_us() - SECOND_US, took_ms=None, tool="Read", project_dir=SHOP)
    overview.see(".job .tool >> text=Read")
    call(root, "a-session", now_us(), tool="WebFetch", took_ms=5, error="getaddrinfo ENOTFOUND", project_dir=SHOP)
    overview.see(".tools >> text=WebFetch")
    overview.see(".latest >> text=getaddrinfo ENOTFOUND")
    overview.see(".categories >> text=network error")
    overview.see(".sessions .error_count.bad >> text=1")
    asked = overview.browser.tell("asked", page=overview.number)
    assert [url.removeprefix(overview.url) for url in asked if "/api/" in url] == ["/api/metrics"]


def test_stop_ends_a_real_task_and_restart_runs_it_again(overview: Page, site: Site) -> None:
    site.person("root", "admin")
    task = give(site, "hold this please")
    overview.see(".job.running >> text=hold this please")
    assert overview.texts(".job button") == []
    overview.click(named("button", "Log in"))
    overview.see("role=button[name='Back']")
    enter(overview, "root")
    overview.click(named("button", "Stop the task: hold this please"))
    overview.see(f"role=status >> text=Task {task.task_id} was stopped.")
    overview.see(".job.stopped >> text=hold this please")
    wait_for(lambda: task_of(site, task.task_id).server is None, "the task's processes to end")
    assert task_of(site, task.task_id).status == "stopped"
    site.go_on()
    overview.click(named("button", "Restart the task: hold this please"))
    overview.see(".job.completed >> text=hold this please")
    assert task_of(site, task.task_id).attempts == 2


def test_a_user_sees_the_figures_of_all_but_only_their_own_work(browser: Browser, site: Site) -> None:
    ann, _bob = site.person("annie"), site.person("bob")
    give(site, "hold on, bob cannot see this", ann)
    call(logs(site), "nobodys", now_us(), took_ms=5, error="a secret error", project_dir=SHOP)
    pages = {name: look(browser, site) for name in ("annie", "bob")}
    for name, page in pages.items():
        page.click(named("button", "Log in"))
        enter(page, name)
        page.see(".glance >> text=Active tasks")
    pages["annie"].see(".job >> text=bob cannot see this")
    pages["bob"].see("text=No agent works at the moment.")
    for page in pages.values():
        assert "a secret error" not in page.text("body")
        assert page.text(".glance dl > :nth-child(1) b") == "1"
        assert page.text(".errors .categories") != ""
        page.on("close")


def test_a_session_opens_to_its_timeline_whose_address_can_be_shared(browser: Browser, day: Site) -> None:
    page = look(browser, day)
    page.fill("role=searchbox", STARTED[:8])
    page.click(f".sessions .rows a[title='{STARTED}']")
    page.see(".timeline")
    assert page.value("location.search") == f"?session={STARTED}"
    names = page.texts(".call .label")
    assert [name.partition("\n")[0] for name in names][:10] == [
        "Read", "Task", "Grep", "Read", "Bash", "Task", "Read", "WebFetch", "Edit", "Bash",
    ]  # fmt: skip
    assert (names[1], names[5]) == ("Task\n→ Explore", "Task\n→ reviewer")
    labels = "[...document.querySelectorAll('.call .label')]"
    depths = page.value(f"{labels}.map((one) => parseFloat(one.style.paddingInlineStart) / 14)")
    assert depths[:10] == [0, 0, 1, 1, 1, 1, 2, 2, 0, 0]
    assert "denied" in names[13]
    assert names[14].startswith("Answer")
    assert all(cost.startswith("$") for cost in page.texts(".call .spent")[:13])
    page.check_access("dashboard-session")
    page.click(".call >> nth=9 >> role=button")
    page.see("role=dialog >> text=make test")
    assert "hunter2" not in page.text("dialog")
    page.check_access("dashboard-call")
    page.press("Escape")
    page.click("role=radio[name='Failed or denied 4']")
    page.holds("document.querySelectorAll('.call').length === 4")
    page.on("goBack")
    page.see(".glance")
    shared = look(browser, day, f"/?session={STARTED}")
    shared.see(".call >> text=WebFetch")
    event(logs(day), STARTED, "UserPromptSubmit", now_us())
    call(logs(day), STARTED, now_us(), tool="Glob", took_ms=7)
    shared.on("evaluate", "document.querySelector('.timeline .rows').scrollTo(0, 1e6)")
    shared.see(".call >> text=Glob")
    unknown = look(browser, day, "/?session=none-such")
    unknown.see("role=alert >> text=No hook log names this session")
    for one in (page, shared, unknown):
        assert one.trouble() == []
        one.on("close")


def test_a_task_opens_to_what_came_of_it(browser: Browser, site: Site) -> None:
    task = give(site, "fail with a sentence")
    page = look(browser, site)
    page.click(".job.failed a")
    page.see("text=Why it failed")
    assert page.value("location.search") == f"?task={task.task_id}"
    page.check_access("dashboard-task")
    assert page.trouble() == []
    page.on("close")


def test_every_state_of_the_overview_is_for_everybody(browser: Browser, day: Site) -> None:
    for description in (
        "Find why the cart does not hold its total",
        "Review how long billing holds its locks",
        "fail now",
    ):
        give(day, description)
    wait_for(lambda: len(told(day)) == 2, "two tasks to run")
    page = look(browser, day)
    page.click(named("button", "Log in"))
    enter(page, "root")
    page.see(".job.running")
    page.see(".costs canvas")
    page.check_access("dashboard")
    page.on("screenshot", {"path": str(SHOTS / "dashboard-whole-dark.png"), "fullPage": True})
    page.on("emulateMedia", {"colorScheme": "light"})
    page.on("screenshot", {"path": str(SHOTS / "dashboard-whole-light.png"), "fullPage": True})
    for name in ("1 h", "7 d", "30 d"):
        page.click(f"role=radio[name='{name}']")
        page.see(".glance")
        page.check_access(f"dashboard-{name.replace(' ', '')}")
    assert "range=30d" in page.value("location.search")
    page.click(".categories button >> nth=0")
    page.see("text=Latest: ")
    page.click(".costs summary >> nth=0")
    page.see(".costs table >> nth=0")
    page.check_access("dashboard-chosen")
    assert page.trouble() == []
    page.on("close")


def test_what_is_hostile_shows_as_text(browser: Browser, site: Site) -> None:
    root = logs(site)
    folder = f"/home/you/{HOSTILE.replace('/', '_')}"
    fields: dict[str, Any] = {
        "project_dir": folder,
        "agent_id": HOSTILE,
        "agent_type": HOSTILE,
        "tool_input": {HOSTILE: HOSTILE},
    }
    call(root, "evil", now_us(), tool=HOSTILE, took_ms=5, error=HOSTILE, **fields)
    call(root, "evil", now_us(), tool=f"{HOSTILE} 2", took_ms=None, **fields)
    give(site, f"fail {HOSTILE}")
    give(site, f"hold {HOSTILE}")
    page = look(browser, site)
    page.see(".job.running >> text=<img")
    page.see(".latest >> text=<img")
    page.see(".tools >> text=<img")
    page.check_access("dashboard-hostile")
    page.click(".job.active a")
    page.click(".call button >> nth=0")
    page.see("role=dialog >> text=<img")
    page.press("Escape")
    page.on("goBack")
    page.click(".job.failed a")
    page.see("role=heading >> text=<img")
    assert page.value("document.querySelectorAll('img, main script').length") == 0
    assert page.trouble() == []
    page.on("close")
