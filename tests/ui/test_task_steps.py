"""What a task did, in the chat and on its page: while it runs, after the answer, and after a reload."""

from __future__ import annotations

from tests.ui.browser import Browser, Page, by_role
from tests.ui.site import Site, send

ANSWER = ".message.assistant:not(.working)"
DENIAL = "Claude Code was not permitted to use Write; allow it in the workspace's settings."
STEPS = ["Read README.md", "Edit src/basket.py", "Bash make test", "Write /etc/motd", "Bash make"]


def calls(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.texts(".steps .call")]


def test_steps_and_cost_are_live_and_stay_after_the_answer_and_a_reload(page: Page, site: Site) -> None:
    send(page, "fix the basket\nwork\nwait")
    page.see(".working >> text=5 steps")
    page.see(".working .task .facts >> text=$0.")
    page.click(".working .steps summary")
    page.see(".steps .running >> text=make")
    assert calls(page) == STEPS
    page.check_accessibility("steps-live")
    site.release()
    page.see(f"{ANSWER} .byline >> text=completed, with denials")
    page.call("reload")
    page.see(f"{ANSWER} .steps >> text=1 file changed")
    page.see_texts(f"{ANSWER} .steps summary .facts span", ["5 steps", "1 file changed", "1 failed", "1 denied"])
    page.click(f"{ANSWER} .steps summary")
    page.see(".steps .error .reason >> text=Exit code 2")
    page.see(".steps .denied .reason >> text=you haven't granted it yet.")
    assert calls(page) == STEPS
    page.check_accessibility("steps")
    page.click("role=link[name='Timeline of the session']")
    page.wait_until("location.search.startsWith('?session=')")


def test_ones_own_stop_is_no_error_and_shows_what_it_interrupted(page: Page) -> None:
    send(page, "fix the basket\nwork\nwait")
    page.see(".working >> text=5 steps")
    page.click(f".working >> {by_role('button', 'Stop')}")
    page.see(".message.note >> text=The task was stopped.")
    page.see(".message.note .steps >> text=1 interrupted")
    assert page.texts(".message.error") == []
    page.check_accessibility("steps-stopped")


def test_a_completed_task_that_was_denied_something_did_not_fail(browser: Browser, site: Site, page: Page) -> None:
    site.release()
    denied = '{"type": "result", "is_error": false, "result": "Done.", "permission_denials": [{"tool_name": "Write"}]}'
    send(page, f"fix the basket\nwork\nraw {denied}\nexit 0")
    page.see(f"{ANSWER} .byline >> text=completed, with denials")
    page.see(
        f"{ANSWER} .denial >> text=Claude Code was not permitted to use Write; allow it in the workspace's settings."
    )
    (task,) = site.services.manager.recently_ended(site.services.users.list()[0].viewer)
    page.goto(f"/?task={task.task_id}")
    page.see(".status >> text=completed, with denials")
    page.see("role=heading[name='Completed, with denials']")
    page.see(f"text={DENIAL}")
    page.see(".facts-row >> text=5, 1 failed, 1 denied")
    assert "Error" not in page.texts("h2")
    page.check_accessibility("task-with-denials")


def test_the_steps_fit_a_phone(browser: Browser, site: Site) -> None:
    page = site.open_chat(browser, viewport={"width": 390, "height": 800})
    send(page, "fix the basket\nwork\nwait")
    page.see(".working >> text=5 steps")
    page.click(".working .steps summary")
    page.see(".steps .denied .reason")
    page.check_accessibility("steps-phone")
    page.close()


def test_steps_that_cannot_be_loaded_say_why_and_are_loaded_again_on_demand(page: Page, site: Site) -> None:
    send(page, "fix the basket\nwork")
    site.release()
    page.see(f"{ANSWER} .steps >> text=1 file changed")
    with page.refusing("**/api/task_steps/*", 503, "The database is busy; try again in a moment."):
        page.click(f"{ANSWER} .steps summary")
        page.see(f"{ANSWER} .steps [role=alert] >> text=The database is busy")
        page.check_accessibility("steps-fail")
    page.click(by_role("button", "Try again"))
    page.see(f"{ANSWER} .steps .call >> text=make test")
    assert calls(page) == STEPS
    page.see_gone(f"{ANSWER} .steps [role=alert]")
