"""What waits for a person on the dashboard: live, first, and with notifications for those who ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.synthetic_logs import SECOND_US, event, now_us
from tests.ui.browser import Browser, Page, by_role
from tests.ui.dashboard import HOSTILE, PHONE, SHOP, log_in_to_dashboard, logs, open_dashboard
from tests.ui.site import Site
from tests.ui.synthetic_day import KNOWN_SESSION

SECRET = "sk-ant-api03-" + "a" * 80  # of nobody
OTHER, IDLE = "another-session", "an-idle-session"
# A notification of the browser, which also notes what it says.
NOTED = """
globalThis.noted = [];
const Shown = globalThis.Notification;
globalThis.Notification = class extends Shown {
  constructor(title, options) { super(title, options); noted.push(`${title} | ${options.body}`); }
};
"""
# What a browser answers in which the user has blocked the page.
BLOCKED = "Notification.requestPermission = () => Promise.resolve('denied')"


@pytest.fixture
def overview(browser: Browser, site: Site) -> Iterator[Page]:
    for name, seconds_ago in (("SessionStart", 90), ("SessionEnd", 60)):
        event(logs(site), "an-earlier-session", name, now_us() - seconds_ago * SECOND_US, project_dir=SHOP)
    page = open_dashboard(browser, site)
    yield page
    assert page.problems() == []
    page.close()


def ask(site: Site, command: str, session: str = KNOWN_SESSION, seconds_ago: float = 0, **more: str) -> None:
    """Log a call that waits for a permission."""
    at_us = now_us() - round(seconds_ago * SECOND_US)
    given = {"tool_name": "Bash", "tool_input": {"command": command}, "project_dir": SHOP, **more}
    event(logs(site), session, "PreToolUse", at_us, None, tool_use_id="toolu_1", **given)
    event(logs(site), session, "PermissionRequest", at_us + 1000, None, **given)


def answer(site: Site, session: str = KNOWN_SESSION) -> None:
    event(logs(site), session, "PostToolUse", now_us(), tool_name="Bash", tool_use_id="toolu_1", tool_input={})


def end_turn(site: Site, session: str, seconds_ago: float) -> None:
    at_us = now_us() - round(seconds_ago * SECOND_US)
    event(logs(site), session, "UserPromptSubmit", at_us - SECOND_US, prompt="Do it", project_dir=SHOP)
    event(logs(site), session, "Stop", at_us)


def test_a_request_appears_without_a_reload_and_goes_when_it_is_answered(overview: Page, site: Site) -> None:
    overview.see(".waiting >> text=No session is waiting for you.")
    ask(site, "git push origin main", seconds_ago=250)
    overview.see(".waiting .permission >> text=git push origin main")
    overview.see(".waiting .permission >> text=web-shop")
    overview.see(".waiting .permission >> text=/^4 min [0-9]+ s$/")
    overview.see(".waiting >> text=1 request")
    answer(site)
    overview.see(".waiting >> text=No session is waiting for you.")


def test_requests_come_before_idle_sessions_and_rows_lead_to_their_sessions(overview: Page, site: Site) -> None:
    end_turn(site, IDLE, 600)
    ask(site, "make deploy", OTHER, seconds_ago=30)
    given: dict[str, Any] = {
        "tool_name": "AskUserQuestion",
        "tool_input": {"questions": [{"question": "Which colour?"}]},
    }
    event(logs(site), KNOWN_SESSION, "PreToolUse", now_us() - 40 * SECOND_US, tool_use_id="q", **given)
    overview.see(".waiting >> text=2 requests, 1 idle session")
    overview.see_texts(".waiting .reason", ["Question", "Permission", "Next prompt"])
    overview.see_texts(".waiting q, .waiting code", ["Which colour?", "make deploy"])
    overview.check_accessibility("dashboard-waiting")
    overview.click(".waiting .permission a")
    overview.see("h1 >> text=web-shop")
    assert overview.evaluate("location.search") == f"?session={OTHER}"


def test_two_sessions_of_one_project_have_their_titles_above_it(overview: Page, site: Site) -> None:
    for session, prompt in ((OTHER, "Deploy the shop"), (IDLE, "Fix the basket")):
        event(logs(site), session, "UserPromptSubmit", now_us() - 90 * SECOND_US, prompt=prompt, project_dir=SHOP)
        ask(site, "make", session, seconds_ago=30)
    overview.see(".waiting >> text=Deploy the shop")
    overview.see_texts(".waiting .who b", ["Deploy the shop", "Fix the basket"], in_any_order=True)
    overview.see_texts(".waiting .who .project", ["web-shop", "web-shop"])
    overview.see(".work-item .what a >> text=Fix the basket")
    overview.see(".work-item .what >> text=/^web-shop · 1 call$/")


def test_many_idle_sessions_are_shown_on_demand(overview: Page, site: Site) -> None:
    for number in range(9):
        end_turn(site, f"idle-{number}", 60 + number)
    overview.see(".waiting >> text=9 idle sessions")
    overview.see_number(".waiting li", 6)
    overview.click(by_role("button", "Show all 9"))
    overview.see_number(".waiting li", 9)


def test_a_file_of_the_project_is_shown_by_its_path_in_it(overview: Page, site: Site) -> None:
    given: dict[str, Any] = {"tool_name": "Write", "tool_input": {"file_path": f"{SHOP}/src/basket.py", "content": "x"}}
    event(logs(site), KNOWN_SESSION, "PreToolUse", now_us(), tool_use_id="w", **given, project_dir=SHOP)
    event(logs(site), KNOWN_SESSION, "PermissionRequest", now_us(), **given, project_dir=SHOP)
    overview.see(".waiting .permission >> text=Write")
    overview.see_texts(".waiting code", ["src/basket.py"])
    overview.click(".waiting .permission a")
    overview.see(".call.permission >> text=Waits for permission")
    overview.see_texts(".call.permission .subject", ["Write src/basket.py"])


def test_a_question_of_the_agent_waits_for_an_answer_not_for_permission(overview: Page, site: Site) -> None:
    for number, tool in enumerate(("AskUserQuestion", "ExitPlanMode", "Bash")):
        given: dict[str, Any] = {"tool_name": tool, "tool_input": {"command": tool}}
        event(logs(site), KNOWN_SESSION, "PreToolUse", now_us() + number, tool_use_id=tool, **given)
        event(logs(site), KNOWN_SESSION, "PermissionRequest", now_us() + number, **given)
    overview.click(".waiting .waiting-row >> nth=0")
    overview.see_texts(".call.permission .name", ["Waits for an answer", "Waits for an answer", "Waits for permission"])


def test_what_is_asked_is_redacted_and_never_markup(overview: Page, site: Site) -> None:
    ask(site, f"{HOSTILE} --token {SECRET}")
    overview.see(".waiting .permission >> text=<script>alert(2)</script>")
    assert SECRET not in overview.evaluate("document.documentElement.outerHTML")


def test_a_user_sees_no_session_of_others(overview: Page, site: Site) -> None:
    ask(site, "git push")
    overview.see(".waiting .permission")
    overview.click(by_role("button", "Log in"))
    log_in_to_dashboard(overview)
    overview.see(".waiting >> text=No session is waiting for you.")


def test_notifications_and_the_badge_are_for_those_who_ask_for_them(overview: Page, site: Site) -> None:
    overview.call("addInitScript", NOTED)
    overview.call("reload")
    ask(site, "make first")
    overview.see(".waiting .permission")
    overview.wait_until("document.title.startsWith('(1) Agents')")
    overview.click("role=switch[name='Notify me']")
    overview.wait_until("document.title.startsWith('(1 waiting) ')")
    event(logs(site), OTHER, "UserPromptSubmit", now_us(), prompt="Fix the basket", project_dir=SHOP)
    ask(site, "make second", OTHER)
    overview.wait_until("noted.length === 1")
    assert overview.evaluate("noted") == ["web-shop needs a permission | Fix the basket\nBash: make second"]
    overview.call("reload")  # the choice is remembered, and what waited before is not announced again
    overview.wait_until("document.title.startsWith('(2 waiting) ')")
    assert overview.evaluate("noted") == []
    answer(site)
    answer(site, OTHER)
    overview.wait_until("!document.title.includes('waiting')")
    overview.click("role=switch[name='Notify me']")
    ask(site, "make third", "third-session")
    overview.see(".waiting >> text=make third")
    assert overview.evaluate("[noted.length, document.title.includes('waiting')]") == [0, False]


def test_a_browser_that_blocks_notifications_still_gets_the_badge(overview: Page, site: Site) -> None:
    overview.evaluate(BLOCKED)
    ask(site, "make first")
    overview.see(".waiting .permission")
    overview.click("role=switch[name='Notify me']")
    overview.see("role=status >> text=The browser blocks notifications of this page; its title still counts requests.")
    overview.wait_until("document.title.startsWith('(1 waiting) ')")


def test_it_fits_on_a_phone(browser: Browser, site: Site) -> None:
    ask(site, "git push --force-with-lease origin a-branch-with-a-long-name-that-does-not-fit")
    end_turn(site, IDLE, 60)
    page = open_dashboard(browser, site, **PHONE)
    page.see(".waiting .permission")
    page.check_accessibility("dashboard-waiting-phone")
    assert page.problems() == []
    page.close()
