"""A connection that is lost loses nothing and doubles nothing."""

from __future__ import annotations

from chatserver.chat.history import NewMessage, Role
from tests.ui.browser import Page
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

LOST = "text=The connection is lost"


def conversation(page: Page) -> list[str]:
    return page.texts(".message :is(.plain-text, .prose)")


def test_what_is_said_while_the_server_is_away_is_said_once_when_it_is_back(page: Page, site: Site) -> None:
    send(page, "first")
    page.see(ANSWER)
    chat = str(page.value("location.hash.split('=')[1]"))
    site.stop()
    page.see(LOST)
    page.check_access("offline")
    send(page, "second")
    send(page, "third")
    page.see("text=on its way")
    site.start()
    site.here.chats.add_message(NewMessage(chat, Role.ASSISTANT, "Missed.", "missed"))
    page.miss(LOST)
    page.see("text=You said: third")
    page.miss("text=on its way")
    shown = conversation(page)
    assert sorted(shown) == sorted(
        ["first", "You said: first", "Missed.", "second", "third", "You said: second", "You said: third"]
    )
    page.on("reload")
    page.see("text=You said: third")
    assert conversation(page) == shown


def test_a_conversation_can_be_begun_while_the_server_is_away(page: Page, site: Site) -> None:
    site.stop()
    page.see(LOST)
    send(page, "first")
    send(page, "second")
    site.start()
    page.see("text=You said: second")
    assert page.texts("nav .title") == ["first"]
    assert sorted(conversation(page)) == ["You said: first", "You said: second", "first", "second"]


def test_a_task_that_ends_with_its_server_shows_so_once(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working >> text=You said")
    site.stop()
    page.see(LOST)
    site.start()
    page.miss(LOST)
    page.see(".message.error")
    page.miss(".working")
    assert page.texts(".message h2") == ["You", "Problem"]
    send(page, "hello")
    page.see("text=You said: hello")


def test_an_answer_that_is_being_written_goes_on_in_a_page_that_is_loaded_again(page: Page, site: Site) -> None:
    send(page, "hold until told")
    page.see(".working >> text=You said: hold until told")
    page.on("reload")
    page.see(".working >> text=You said: hold until told")
    site.go_on()
    page.see(ANSWER)
    assert conversation(page) == ["hold until told", "You said: hold until told"]
