"""Messages are neither lost nor duplicated when the connection is."""

from __future__ import annotations

from chatserver.chat.history import NewMessage, Role
from tests.e2e.processes import wait_for
from tests.ui.browser import Page
from tests.ui.site import Site, send
from tests.ui.test_chat import ANSWER

OFFLINE = "text=Reconnecting…"


def conversation(page: Page) -> list[str]:
    return page.texts(".message :is(.plain-text, .prose)")


def test_messages_sent_while_offline_are_delivered_once_on_reconnect(page: Page, site: Site) -> None:
    send(page, "first")
    page.see(ANSWER)
    chat = str(page.evaluate("location.hash.split('=')[1]"))
    site.stop()
    page.see(OFFLINE)
    page.check_accessibility("offline")
    send(page, "second")
    send(page, "third")
    page.see("text=Sending…")
    site.start()
    site.services.chats.add_message(NewMessage(chat, Role.ASSISTANT, "Missed.", "missed"))
    page.see_gone(OFFLINE)
    page.see("text=You said: third")
    page.see_gone("text=Sending…")
    said = ["Missed.", "You said: first", "You said: second", "You said: third", "first", "second", "third"]
    wait_for(lambda: sorted(conversation(page)) == said, "the whole conversation")
    page.see_gone(".working")  # an answer takes its place when it is complete
    shown = conversation(page)
    page.call("reload")
    wait_for(lambda: conversation(page) == shown, "the same conversation in the same order")


def test_a_conversation_can_be_started_while_offline(page: Page, site: Site) -> None:
    site.stop()
    page.see(OFFLINE)
    send(page, "first")
    send(page, "second")
    site.start()
    said = ["You said: first", "You said: second", "first", "second"]
    wait_for(lambda: sorted(conversation(page)) == said, "the whole conversation")
    page.see_texts("nav .title", ["first"])


def test_a_task_that_ended_with_its_server_shows_one_error(page: Page, site: Site) -> None:
    send(page, "hold this")
    page.see(".working >> text=You said")
    site.stop()
    page.see(OFFLINE)
    site.start()
    page.see_gone(OFFLINE)
    page.see(".message.error")
    page.see_gone(".working")
    page.see_texts(".message h2", ["You", "Error"])
    send(page, "hello")
    page.see("text=You said: hello")


def test_a_streaming_answer_continues_after_a_reload(page: Page, site: Site) -> None:
    send(page, "hold until released")
    page.see(".working >> text=You said: hold until released")
    page.call("reload")
    page.see(".working >> text=You said: hold until released")
    site.release()
    page.see(ANSWER)
    assert conversation(page) == ["hold until released", "You said: hold until released"]
