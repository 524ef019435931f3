"""The chat for everybody: with the keyboard alone, on a small phone, with motion reduced, and for those who listen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.browser import Browser, Page, named
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

SMALL: dict[str, Any] = {"viewport": {"width": 360, "height": 640}, "hasTouch": True, "isMobile": True}


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    page = site.entered(browser, **SMALL)
    yield page
    assert page.trouble() == []
    page.on("close")


def test_everything_can_be_done_with_the_keyboard_alone(page: Page, site: Site) -> None:
    page.see(".commands")
    assert page.focused() == "message"
    page.type("hold this")
    page.press("Enter")
    page.see(".working >> text=Uses Bash")
    page.press("Shift+Tab")
    assert page.focused().startswith("Stop")
    page.press("Enter")
    page.see("text=The task was stopped.")
    page.on("reload")
    page.see(".message.error")
    page.press("Tab", "Tab")  # out of the page's end, and in at its begin
    assert page.focused() == "Skip to the message"
    page.press("Enter")
    assert page.focused() == "message"
    page.type("/hel")
    page.press("Tab", "Enter")
    page.see(".reply")
    assert page.focused() == "message"


def test_a_line_can_be_broken_and_a_list_left(page: Page) -> None:
    page.see(".commands")
    page.type("one")
    page.press("Shift+Enter")
    page.type("two")
    assert page.on("inputValue", at="#message") == "one\ntwo"
    page.fill("#message", "/")
    page.see("role=listbox")
    page.press("Escape")
    page.miss("role=listbox")
    assert page.on("inputValue", at="#message") == "/"


def test_a_dialog_gives_the_focus_back(page: Page) -> None:
    send(page, "one thing")
    page.see(ANSWER)
    page.on("focus", at=named("button", "Delete this"))
    page.press("Enter")
    page.see("role=dialog")
    assert page.focused() == "Keep it"
    page.press("Escape")
    assert page.focused() == "Delete\nthis conversation"


def test_a_small_phone_shows_everything_without_scrolling_sideways(phone: Page, site: Site) -> None:
    phone.see(".commands")
    phone.check_access("phone-welcome")
    send(phone, "markdown please")
    phone.see(f"{ANSWER} >> role=table")
    phone.check_access("phone-answer")
    send(phone, "hold " + "a-word-without-an-end-" * 12)
    phone.see(".working >> text=Uses Bash")
    phone.check_access("phone-working")
    phone.fill("#message", "/")
    phone.see("role=listbox")
    phone.check_access("phone-completions")
    phone.fill("#message", "")
    phone.click(named("button", "Conversations and tasks, 1 running"))
    phone.see("role=dialog >> text=markdown please")
    phone.check_access("phone-menu")
    phone.click("role=dialog >> role=button[name='New conversation']")
    phone.see("text=What shall an agent do?")
    phone.miss("role=dialog")


def test_what_is_pressed_is_large_enough(phone: Page) -> None:
    send(phone, "markdown please")
    phone.see(ANSWER)
    small = phone.value(
        "[...document.querySelectorAll('button')].filter((one) => one.offsetParent)"
        ".filter((one) => one.offsetHeight < 24 || one.offsetWidth < 24).map((one) => one.innerText)"
    )
    assert small == []


def test_nothing_moves_where_motion_is_reduced(browser: Browser, site: Site) -> None:
    page = site.entered(browser, reducedMotion="reduce")
    send(page, "hold this")
    page.see(".working >> text=Uses Bash")
    assert page.value("document.getAnimations().length") == 0
    page.on("close")


def test_what_is_answered_is_told_to_those_who_listen(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working")
    page.holds("document.querySelector('body > #root > p[role=status]').innerText === 'Claude is at work.'")
    site.go_on()
    page.see(ANSWER)
    page.holds("document.querySelector('body > #root > p[role=status]').innerText === 'Claude: You said: hold this'")


def test_a_time_tells_the_exact_one(page: Page) -> None:
    send(page, "hello")
    page.see(ANSWER)
    assert page.value("!isNaN(Date.parse(document.querySelector('.message time').dateTime))")
    assert len(str(page.on("getAttribute", "title", at=".message.user time"))) > 20


def test_figures_are_tabular(page: Page) -> None:
    assert page.value("getComputedStyle(document.body).fontVariantNumeric") == "tabular-nums"
