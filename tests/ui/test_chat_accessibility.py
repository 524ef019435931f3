"""The chat with a keyboard alone, on a small phone, with reduced motion, and with a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatserver.commands import COMMANDS
from tests.ui.browser import Browser, Page, by_role
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "hasTouch": True, "isMobile": True}
ANNOUNCEMENT = "document.querySelector('body > #root > p[role=status]').innerText"


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    page = site.open_chat(browser, **PHONE)
    yield page
    assert page.problems() == []
    page.close()


def test_a_keyboard_is_enough(page: Page, site: Site) -> None:
    page.see(".commands")
    assert page.focused() == "message"
    page.type("hold this")
    page.press("Enter")
    page.see(".working >> text=Using Bash")
    page.press("Shift+Tab")
    assert page.focused().startswith("Stop")
    page.press("Enter")
    page.see("text=The task was stopped.")
    page.call("reload")
    page.see(".message.note")
    page.see("css=.choices summary")
    page.press("Tab", "Tab", "Tab")  # to the options of the next task, past the last element, and to the first
    assert page.focused() == "Skip to message box"
    page.press("Enter")
    assert page.focused() == "message"
    page.type("/hel")
    page.see("role=option")  # the commands have been loaded
    page.press("Tab", "Enter")
    page.see(".reply")
    assert page.focused() == "message"


def test_shift_enter_breaks_the_line_and_escape_closes_the_completions(page: Page) -> None:
    page.see(".commands")
    page.type("one")
    page.press("Shift+Enter")
    page.type("two")
    assert page.call("inputValue", selector="#message") == "one\ntwo"
    page.fill("#message", "/")
    page.see("role=listbox")
    page.press("Escape")
    page.see_gone("role=listbox")
    assert page.call("inputValue", selector="#message") == "/"


def test_a_closed_dialog_returns_the_focus(page: Page) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    page.focus(by_role("button", "Delete this"))
    page.press("Enter")
    page.see("role=dialog")
    assert page.focused() == "Cancel"
    page.press("Escape")
    assert page.focused() == "Delete\nthis conversation"


def test_a_phone_shows_what_each_command_does_without_scrolling(phone: Page) -> None:
    send(phone, "/help")
    phone.see(".reply >> text=list the sessions of the last 24 hours")
    assert phone.evaluate(
        "[...document.querySelectorAll('.reply dd')].map((one) => one.getBoundingClientRect().right <= innerWidth)"
    ) == [True] * len(COMMANDS)
    phone.check_accessibility("phone-help")


def test_a_small_phone_never_scrolls_horizontally(phone: Page, site: Site) -> None:
    phone.see(".commands")
    phone.check_accessibility("phone-welcome")
    send(phone, "markdown please")
    phone.see(f"{ANSWER} >> role=table")
    phone.check_accessibility("phone-answer")
    send(phone, "hold " + "a-word-without-an-end-" * 12)
    phone.see(".working >> text=Using Bash")
    phone.check_accessibility("phone-working")
    phone.fill("#message", "/")
    phone.see("role=listbox")
    phone.check_accessibility("phone-completions")
    phone.fill("#message", "")
    phone.click(by_role("button", "Conversations and tasks, 1 running"))
    phone.see("role=dialog >> text=markdown please")
    phone.check_accessibility("phone-menu")
    phone.click("role=dialog >> role=button[name='New conversation']")
    phone.see("text=What should Claude work on?")
    phone.see_gone("role=dialog")


def test_buttons_are_large_enough_to_tap(phone: Page) -> None:
    send(phone, "markdown please")
    phone.see(ANSWER)
    small = phone.evaluate(
        "[...document.querySelectorAll('button')].filter((one) => one.offsetParent)"
        ".filter((one) => one.offsetHeight < 24 || one.offsetWidth < 24).map((one) => one.innerText)"
    )
    assert small == []


def test_reduced_motion_stops_animations(browser: Browser, site: Site) -> None:
    page = site.open_chat(browser, reducedMotion="reduce")
    send(page, "hold this")
    page.see(".working >> text=Using Bash")
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()


def test_answers_are_announced_to_screen_readers(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working")
    page.wait_until(f"{ANNOUNCEMENT} === 'Claude is working…'")
    site.release()
    page.see(ANSWER)
    page.wait_until(f"{ANNOUNCEMENT} === 'Claude: You said: hold this'")


def test_a_time_shows_the_exact_one_as_its_tooltip(page: Page) -> None:
    send(page, "hello")
    page.see(ANSWER)
    assert page.evaluate("!isNaN(Date.parse(document.querySelector('.message time').dateTime))")
    assert len(str(page.call("getAttribute", "title", selector=".message.user time"))) > 20


def test_digits_are_tabular(page: Page) -> None:
    assert page.evaluate("getComputedStyle(document.body).fontVariantNumeric") == "tabular-nums"
