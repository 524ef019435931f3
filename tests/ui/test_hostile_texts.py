"""Whatever a model, a person or an error says is text."""

from __future__ import annotations

from tests.ui.browser import Page
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def strangers(page: Page) -> list[str]:
    """Elements that no message has of its own, and addresses that no link has."""
    found: list[str] = page.value(
        "[...document.querySelectorAll('.message :is(img, script, b, iframe, style)')]"
        ".concat([...document.querySelectorAll('.message :is([onerror], [onclick], [onmouseover])')])"
        ".map((one) => one.outerHTML)"
        ".concat([...document.querySelectorAll('.message a')].map((one) => one.href)"
        ".filter((href) => !/^(https?:|mailto:)/.test(href)))"
    )
    return found


def test_an_answer_shows_its_html_and_its_bad_links_as_text(page: Page) -> None:
    send(page, "attack")
    page.see(ANSWER)
    page.see('text=<script>alert("script")</script>')
    page.see("text=[link](javascript:alert(1))")
    page.see('.code >> text=<script>alert("code")</script>')
    page.see("a >> text=good")
    assert strangers(page) == []
    assert page.texts(".prose a") == ["picture", "good", "mail"]
    assert page.elsewhere() == []
    page.check_access("attack")


def test_an_error_and_what_a_person_says_are_text(page: Page) -> None:
    send(page, f"fail {SCRIPT}")
    page.see(".message.error")
    assert SCRIPT in page.text(".message.error")
    assert page.text(".message.user .plain-text") == f"fail {SCRIPT}"
    assert SCRIPT in page.text("nav .title")
    assert SCRIPT in page.on("title")
    assert strangers(page) == []


def test_a_tool_s_name_is_text(page: Page, site: Site) -> None:
    send(page, f"hold tool={SCRIPT}")
    page.see(f".working >> text=Uses {SCRIPT}")
    assert page.texts("aside .running img, aside .running script") == []
    site.go_on()
    page.see(ANSWER)
    assert strangers(page) == []
