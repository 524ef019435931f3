"""Text from models, users and errors is never interpreted as HTML."""

from __future__ import annotations

from tests.ui.browser import Page
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def injected(page: Page) -> list[str]:
    """Elements and links in messages that only injected HTML could have created."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.message :is(img, script, b, iframe, style)')]"
        ".concat([...document.querySelectorAll('.message :is([onerror], [onclick], [onmouseover])')])"
        ".map((one) => one.outerHTML)"
        ".concat([...document.querySelectorAll('.message a')].map((one) => one.href)"
        ".filter((href) => !/^(https?:|mailto:)/.test(href)))"
    )
    return found


def test_html_and_unsafe_links_in_an_answer_stay_text(page: Page) -> None:
    send(page, "attack")
    page.see(ANSWER)
    page.see('text=<script>alert("script")</script>')
    page.see("text=[link](javascript:alert(1))")
    page.see('.code >> text=<script>alert("code")</script>')
    page.see("a >> text=good")
    assert injected(page) == []
    page.see_texts(".prose a", ["picture", "good", "mail"])
    assert page.foreign_requests() == []
    page.check_accessibility("attack")


def test_html_in_an_error_and_in_a_message_stays_text(page: Page) -> None:
    send(page, f"fail {SCRIPT}")
    page.see(".message.error")
    assert SCRIPT in page.text(".message.error")
    assert page.text(".message.user .plain-text") == f"fail {SCRIPT}"
    assert SCRIPT in page.text("nav .title")
    assert SCRIPT in page.call("title")
    assert injected(page) == []


def test_html_in_a_tool_name_stays_text(page: Page, site: Site) -> None:
    send(page, f"hold tool={SCRIPT}")
    page.see(f".working >> text=Using {SCRIPT}")
    assert page.texts("aside .running img, aside .running script") == []
    site.release()
    page.see(ANSWER)
    assert injected(page) == []


def test_code_that_cannot_be_highlighted_is_shown_plain(page: Page) -> None:
    nested = "`${" * 6000  # of more levels than a browser can take
    send(page, f"code\n```js\n{nested}\n```\nThe end.")
    page.see(ANSWER)
    page.see(".prose >> text=The end.")
    page.see_texts(".prose .code code", [nested])
    assert page.texts(".prose .code code span") == []
